import { expect, it } from 'vitest';
import { offsetsOf } from './pages';

it('asks for the pages that cover the window and no others', () => {
  expect(offsetsOf({ first: 0, last: 30 })).toEqual([0]);
  expect(offsetsOf({ first: 95, last: 130 })).toEqual([0, 100]);
  expect(offsetsOf({ first: 99_970, last: 99_999 })).toEqual([99_900]);
});

it('asks for the first page where nothing is known yet', () => {
  expect(offsetsOf({ first: 0, last: -1 })).toEqual([0]);
});
