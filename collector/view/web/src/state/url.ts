/**
 * The state of a list lives in the address: `?search=web&type=PC,Server&sort=-alerts`.
 * Lists are words with commas, flags are `true`, and what is empty or the default is left out.
 */
export type RawSearch = Record<string, unknown>;

export function parseSearch(text: string): RawSearch {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: RawSearch): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(search)) {
    const words = (Array.isArray(value) ? value : [value]).map((word) => wordOf(word)).filter((word) => word !== '');
    if (words.length > 0) parts.push(`${encodeURIComponent(key)}=${words.map(encodeURIComponent).join(',')}`);
  }
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return value === true ? 'true' : '';
}

export function text(raw: RawSearch, key: string): string | undefined {
  const value = raw[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The words of a list that are among `allowed`, in the order of `allowed`; undefined where none is. */
export function words<Word extends string>(raw: RawSearch, key: string, allowed: readonly Word[]): Word[] | undefined {
  const value = raw[key];
  const given: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
  const kept = allowed.filter((word) => given.includes(word));
  return kept.length > 0 ? kept : undefined;
}

export function flag(raw: RawSearch, key: string): true | undefined {
  return raw[key] === true || raw[key] === 'true' ? true : undefined;
}

/** A sort key, with a minus for downwards, if it is one of `allowed`. */
export function sortKey(raw: RawSearch, allowed: readonly string[]): string | undefined {
  const value = text(raw, 'sort');
  return value && allowed.includes(value.replace(/^-/, '')) ? value : undefined;
}

/** The next sort when the head of a column is pressed: upwards, downwards, as it comes. */
export function nextSort(current: string, key: string): string {
  if (current === key) return `-${key}`;
  return current === `-${key}` ? '' : key;
}

/** Keys that a saved view keeps by themselves, and those that name the view or the customer. */
const OF_VIEW: readonly string[] = ['filter', 'sort', 'view'];

/** What else of an address a saved view keeps. */
export function choicesOf(search: object): string {
  const rest = Object.entries(search).filter(([key]) => !OF_VIEW.includes(key));
  return stringifySearch(Object.fromEntries(rest)).replace(/^\?/, '');
}
