import { expect, it } from 'vitest';
import { readHistorySearch } from './historySearch';

it('reads kinds, probes and events of an address, and nothing that cannot be one', () => {
  expect(readHistorySearch({ kind: 'gap,state,rain', probe: 'software,<b>', event: ['boot', 7] })).toEqual({
    kind: ['state', 'gap'],
    probe: ['software'],
    event: ['boot'],
  });
  expect(readHistorySearch({ kind: 'rain', probe: '', event: 5 })).toEqual({});
});
