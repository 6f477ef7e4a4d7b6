/** What counts as one address for the limits: an IPv4 address, or the /64 of an IPv6 address that one customer owns. */

import { isIPv6 } from 'node:net';

/** The key that limits count by. Takes any text; what is no address is its own key. */
export function addressKey(address: string): string {
  const plain = unmapped(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('%')[0]!.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':');
    // A trailing IPv4 part stands for two groups.
    const width = rest.length + (rest.at(-1)?.includes('.') === true ? 1 : 0);
    while (groups.length < 8 - width) groups.push('0');
    groups.push(...rest);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/u, ''))
    .join(':')}::/64`;
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  const plain = unmapped(address);
  return plain === '::1' || /^127\.\d+\.\d+\.\d+$/u.test(plain);
}

function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/iu, '');
}
