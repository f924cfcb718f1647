/** Where a request comes from: which proxies are believed, and what counts as one sender. */
import { isIPv6 } from 'node:net';

/**
 * The framework's setting for `http.trustProxy`. `true` believes the one proxy that connects to the hub and takes the
 * address that it saw: everything further left in X-Forwarded-For may have been written by the sender. A text names the
 * addresses of proxies (commas between them), and the first address from the right that is none of them counts.
 */
export function proxies(setting: boolean | string): boolean | string | ((address: string, hop: number) => boolean) {
  return setting === true ? (_address, hop) => hop === 0 : setting;
}

/**
 * What counts as one sender for limits and locks: an IPv4 address, or the first 64 bits of an IPv6 one, since every
 * household and every rented machine has all the addresses behind them.
 */
export function senderOf(address: string): string {
  const plain = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped) return mapped[1]!;
  if (!isIPv6(plain)) return plain;
  const [left = '', right] = plain.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  // An IPv4 ending stands for two groups.
  const groups = head.length + tail.length + (plain.includes('.') ? 1 : 0);
  const all = right === undefined ? head : [...head, ...Array<string>(8 - groups).fill('0'), ...tail];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
