import { expect, test } from 'vitest';
import { addressKey, isLoopback } from './address.ts';

test('[SG20] an IPv4 address is one address, mapped into IPv6 or not', () => {
  expect(addressKey('192.0.2.7')).toBe('192.0.2.7');
  expect(addressKey('::ffff:192.0.2.7')).toBe('192.0.2.7');
});

test('[SG20] all of an IPv6 /64 is one address, however it is written', () => {
  const key = addressKey('2001:db8:1:2::1');
  expect(addressKey('2001:0DB8:0001:0002:aaaa:bbbb:cccc:dddd')).toBe(key);
  expect(addressKey('2001:db8:1:2:3::192.0.2.1')).toBe(key);
  expect(addressKey('fe80::1%eth0')).toBe(addressKey('fe80::2%eth1'));
  expect(addressKey('2001:db8:1:3::1')).not.toBe(key);
  expect(addressKey('2001:db8::1')).toBe(addressKey('2001:db8:0:0:5::'));
});

test('[SG20] loopback is told from the rest', () => {
  expect(['127.0.0.1', '127.9.8.7', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['192.0.2.1', '2001:db8::1', '', '127.0.0.1.example'].map(isLoopback)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('[SG20] any text has a key', () => {
  for (const text of ['', 'unknown', ':::', '1:2:3']) expect(addressKey(text)).toBe(text);
});
