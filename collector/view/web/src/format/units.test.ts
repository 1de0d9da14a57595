import { describe, expect, it } from 'vitest';
import { bytes, decimal, inUnit, percent } from './units';

describe('bytes', () => {
  it('uses binary steps and three digits', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(1023)).toBe('1,023 B');
    expect(bytes(1536)).toBe('1.5 KiB');
    expect(bytes(25_769_803_776)).toBe('24 GiB');
    expect(bytes(2 ** 62)).toBe('4,096 PiB');
  });
});

describe('numbers', () => {
  it('keep the digits that matter', () => {
    expect(decimal(0.256)).toBe('0.26');
    expect(decimal(12.34)).toBe('12.3');
    expect(decimal(1234.5)).toBe('1,235');
    expect(percent(97.34)).toBe('97.3 %');
    expect(percent(100)).toBe('100 %');
  });
  it('carry the unit of their column', () => {
    expect(inUnit(2048, 'bytes_per_s')).toBe('2 KiB/s');
    expect(inUnit(1000, 'mbit_per_s')).toBe('1,000 Mbit/s');
    expect(inUnit(46.25, 'celsius')).toBe('46.3 °C');
    expect(inUnit(1200, 'rpm')).toBe('1,200 rpm');
    expect(inUnit(93_784, 'seconds')).toBe('1 d 2 h');
    expect(inUnit(7, 'none')).toBe('7');
    expect(inUnit(5, 'a unit of next year')).toBe('5');
  });
});
