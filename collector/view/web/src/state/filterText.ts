/** A line of the filter's form. `value` is as a person types it, without the quotes that the language needs. */
export interface Condition {
  column: string;
  op: string;
  value: string;
}

export type Join = 'and' | 'or';

interface PlainColumn {
  name: string;
  type: string;
}

const KEYWORDS = new Set(['and', 'or', 'not', 'is', 'in', 'contains', 'starts', 'ends', 'with', 'matches', 'unknown', 'all', 'count']);
const NEEDS_QUOTES = /[\s(),=!<>"']/;

/** Operators that stand without a value. */
export function isAlone(op: string): boolean {
  return op === 'is unknown' || op === 'is not unknown';
}

function isList(op: string): boolean {
  return op === 'in' || op === 'not in';
}

export function quoted(text: string): string {
  if (text !== '' && !NEEDS_QUOTES.test(text) && !KEYWORDS.has(text.toLowerCase())) return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** The value within its quotes; as it is where it has none. */
export function unquoted(text: string): string {
  const inner = /^"([\s\S]*)"$/.exec(text)?.[1];
  return inner === undefined ? text : inner.replace(/\\(["\\])/g, '$1');
}

/** The values between commas that stand outside of quotes. */
function valuesOf(text: string): string[] {
  return (text.match(/"(?:\\.|[^"\\])*"|[^,]+/g) ?? []).map((value) => value.trim()).filter((value) => value !== '');
}

/** Numbers with units and spans of time are several words; everything else is one text. */
function isWords(type: string): boolean {
  return type === 'number' || type === 'time';
}

function valueText(condition: Condition, type: string): string {
  const value = condition.value.trim();
  if (isList(condition.op)) {
    const all = valuesOf(value).map((one) => (isWords(type) ? one : quoted(unquoted(one))));
    return `(${all.join(', ')})`;
  }
  return isWords(type) ? value : quoted(value);
}

/** What the form says, in the language of filters. Conditions without a column are still being written. */
export function written(conditions: readonly Condition[], join: Join, columns: readonly PlainColumn[]): string {
  return conditions
    .filter(({ column, op }) => column !== '' && op !== '')
    .map((condition) => {
      const type = columns.find(({ name }) => name === condition.column)?.type ?? 'text';
      const head = `${condition.column} ${condition.op}`;
      return isAlone(condition.op) ? head : `${head} ${valueText(condition, type)}`;
    })
    .join(` ${join} `);
}

/** A condition as the collector tells it, for the form. */
export function asTyped(condition: Condition): Condition {
  return isList(condition.op) ? { ...condition } : { ...condition, value: unquoted(condition.value) };
}

/** The text before, in and behind the place of a fault, which the collector counts in characters. */
export function around(text: string, position: number, length: number): [string, string, string] {
  const characters = Array.from(text);
  return [
    characters.slice(0, position).join(''),
    characters.slice(position, position + length).join(''),
    characters.slice(position + length).join(''),
  ];
}
