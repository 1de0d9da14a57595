import { describe, expect, it } from 'vitest';
import { alertFilter, isNarrowed, readAlertSearch } from './alertSearch';
import { deviceFilter, readDeviceSearch } from './deviceSearch';
import { choicesOf, nextSort, parseSearch, stringifySearch } from './url';

describe('the address of the Devices tab', () => {
  it('is read back as it was written', () => {
    const search = readDeviceSearch(
      parseSearch('?search=web%2001&type=PC,Server&severity=critical&reboot=true&sort=-alerts'),
    );
    expect(deviceFilter(search)).toEqual({
      search: 'web 01',
      type: ['PC', 'Server'],
      availability: [],
      severity: ['critical'],
      category: [],
      reboot: true,
      monitored: [],
      favourite: false,
      folder: '',
      filter: '',
      sort: '-alerts',
    });
    const folder = readDeviceSearch(parseSearch('?monitored=no&favourite=true&folder=none'));
    expect(deviceFilter(folder)).toMatchObject({ monitored: ['no'], favourite: true, folder: 'none' });
    expect(stringifySearch({ ...search })).toBe(
      '?search=web%2001&type=PC,Server&severity=critical&reboot=true&sort=-alerts',
    );
  });
  it('drops words, flags and sort keys that nobody knows', () => {
    const search = readDeviceSearch(parseSearch('?type=Toaster,PC&availability=maybe&reboot=1&sort=%3Bdrop'));
    expect(deviceFilter(search)).toMatchObject({ type: ['PC'], availability: [], reboot: false, sort: '' });
  });
  it('keeps commas and ampersands of a search apart from its own', () => {
    const text = stringifySearch({ search: 'a,b&type=PC', type: ['PC'] });
    expect(text).toBe('?search=a%2Cb%26type%3DPC&type=PC');
    expect(readDeviceSearch(parseSearch(text)).search).toBe('a,b&type=PC');
  });
  it('carries a filter as it is, and a view keeps the rest of what is chosen', () => {
    const search = readDeviceSearch({
      filter: 'volumes.free_percent < 10 % and name in ("a, b", c)',
      type: 'PC,Server',
      sort: '-cpu',
      view: 'id-1',
    });
    expect(readDeviceSearch(parseSearch(stringifySearch({ ...search })))).toEqual(search);
    expect(choicesOf(search)).toBe('type=PC,Server');
    expect(readDeviceSearch(parseSearch(choicesOf(search))).type).toEqual(['PC', 'Server']);
  });
  it('is empty where all is default', () => {
    expect(stringifySearch({ ...readDeviceSearch({}) })).toBe('');
  });
});

describe('the address of the Alerts tab', () => {
  it('shows open ones unless asked otherwise', () => {
    expect(alertFilter(readAlertSearch({})).status).toEqual(['open']);
    expect(isNarrowed(alertFilter({}))).toBe(false);
    const all = alertFilter(readAlertSearch(parseSearch('?status=resolved,open,snoozed')));
    expect(all.status).toEqual(['open', 'snoozed', 'resolved']);
    expect(isNarrowed(all)).toBe(true);
  });
});

it('sorts upwards, downwards, then as it comes', () => {
  expect(nextSort('', 'name')).toBe('name');
  expect(nextSort('name', 'name')).toBe('-name');
  expect(nextSort('-name', 'name')).toBe('');
  expect(nextSort('-name', 'alerts')).toBe('alerts');
});
