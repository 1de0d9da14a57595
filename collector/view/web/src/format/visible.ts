/**
 * Characters that change how others are read, or cannot be seen at all: controls, bidirectional embeddings, overrides
 * and isolates, line separators. Names come from devices; `pc<U+202E>gpj.exe` must not look like `pcexe.jpg`.
 * Joiners and direction marks stay: living scripts need them.
 */
// eslint-disable-next-line no-control-regex -- controls are what it looks for
const TREACHEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

function named(character: string): string {
  return `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** A text in which every character can be seen. */
export function visibleText(text: string): string {
  return text.replace(TREACHEROUS, named);
}

/** The same for every text in an answer of the API. */
export function visible<Value>(value: Value): Value {
  if (typeof value === 'string') return visibleText(value) as Value;
  if (Array.isArray(value)) return value.map((item: unknown) => visible(item)) as Value;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visible(item as unknown)])) as Value;
  }
  return value;
}
