import { expect, it } from 'vitest';
import { visible, visibleText } from './visible';

it('names what would turn a text around or hide in it', () => {
  expect(visibleText('pc\u202Egpj.exe')).toBe('pc⟨U+202E⟩gpj.exe');
  expect(visibleText('a\u0000b\u001B[31mc\u2066d')).toBe('a⟨U+0000⟩b⟨U+001B⟩[31mc⟨U+2066⟩d');
});

it('leaves the world’s scripts, emoji and line breaks alone', () => {
  for (const text of ['Zürich', '试验机', 'العميل', 'می\u200Cخواهم', '👩‍💻', 'two\nlines\t.']) {
    expect(visibleText(text)).toBe(text);
  }
});

it('goes through a whole answer and keeps what is no text', () => {
  expect(visible({ items: [{ name: 'x\u0007', at_ms: 5, gone: null, on: false }] })).toEqual({
    items: [{ name: 'x⟨U+0007⟩', at_ms: 5, gone: null, on: false }],
  });
});
