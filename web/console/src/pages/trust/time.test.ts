import { describeTime } from '@jingwei/keyless';
import { expect, test } from 'vitest';
import { algorithmText, timeText } from './time.tsx';

test('a second is told in Beijing time with its words, and one that no calendar names as its number', () => {
  const time = describeTime(1_795_254_764n);
  expect(timeText(time, 'zh')).toBe('2026年11月21日 17:52:44（北京时间）');
  expect(timeText(time, 'en')).toBe('2026-11-21 17:52:44 (Beijing time, UTC+8)');
  expect(timeText(describeTime(2n ** 60n), 'zh')).toBe(String(2n ** 60n));
});

test('algorithms are spelled as they usually are', () => {
  expect(['sha256', 'sha512', 'sm3', 'sha3-256', 'ripemd160', 'sha1'].map(algorithmText)).toEqual([
    'SHA-256',
    'SHA-512',
    'SM3',
    'SHA3-256',
    'RIPEMD160',
    'SHA1',
  ]);
});
