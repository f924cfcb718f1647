/**
 * Which addresses the hub may send data to. A name is resolved when a connection is made, every address that it resolves to is judged,
 * and the address that was judged is the one connected to: a name that changes its answer in between (DNS rebinding) gains nothing.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Problem, problemKind } from '../problem.ts';

export const insideNetwork = problemKind(
  'network.inside',
  422,
  '该地址在内部网络，平台配置未允许向其发送数据',
  'this address lies in an inside network that the configuration does not allow data to be sent to',
);

/** Everything that is no public unicast address (IANA special-purpose registries of IPv4 and IPv6, multicast, reserved). */
const INSIDE = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  // Of IPv6 only 2000::/3 is given out at all; these lie outside of it, or inside without being anybody's.
  ...['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
] as const;

/** Ranges by family: one list for both would take an IPv4 address for the IPv6 one that it maps to. */
class Ranges {
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address, bits] = range.split('/') as [string, string];
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      this.#lists[family].addSubnet(address, Number(bits), family);
    }
  }

  has(address: string, family: 'ipv4' | 'ipv6'): boolean {
    return this.#lists[family].check(address, family);
  }
}

const inside = new Ranges(INSIDE);

/** IPv4 addresses that an IPv6 address stands for: mapped and translated (NAT64) ones. */
function embedded(address: string): string | null {
  const groups = expand(address);
  if (!groups) return null;
  const mapped = groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff;
  const nat64 = groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((g) => g === 0);
  if (!mapped && !nat64) return null;
  return [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join('.');
}

/** The eight groups of an IPv6 address. */
function expand(address: string): number[] | null {
  if (isIP(address) !== 6) return null;
  // The platform's own reader of addresses writes them in one form.
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [left = '', right] = plain.split('::');
  const read = (part: string) => (part ? part.split(':').map((g) => Number.parseInt(g, 16)) : []);
  const head = read(left);
  const tail = read(right ?? '');
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Judges addresses by the inside networks that are allowed. */
export class Networks {
  readonly #allowed: Ranges;

  /** @param allowed CIDR ranges of inside networks */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Ranges(allowed);
  }

  /** Whether an address may be connected to. */
  allows(address: string): boolean {
    const plain = address.replace(/%.*$/, '');
    const version = isIP(plain);
    if (!version) return false;
    const four = version === 6 ? embedded(plain) : null;
    if (four !== null) return this.allows(four);
    const family = version === 6 ? 'ipv6' : 'ipv4';
    return this.#allowed.has(plain, family) || !inside.has(plain, family);
  }

  /** Refuses a host that is written as an address which is not allowed. Names are judged when they are resolved. */
  checkLiteral(hostname: string): void {
    const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    if (isIP(host) && !this.allows(host)) throw new Problem(insideNetwork);
  }

  /** Resolves a name for a connection; the first allowed address, never one that is not. For `net.connect` and its like. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true, order: 'ipv4first' }, (error, found) => {
      if (error) return callback(error, '', 4);
      const good = found.filter((f) => this.allows(f.address));
      // One inside address among public ones is a sign of an attempt; none of them is used.
      if (!found.length || good.length !== found.length)
        return callback(Object.assign(new Error('inside network'), { code: 'EINSIDE' }), '', 4);
      if (options.all) return callback(null, good);
      callback(null, good[0]!.address, good[0]!.family);
    });
  };

  /** The address of a host that may be connected to: a name is resolved, an address judged. Problem `network.inside`. */
  resolve(host: string): Promise<string> {
    this.checkLiteral(host);
    const bare = host.startsWith('[') ? host.slice(1, -1) : host;
    if (isIP(bare)) return Promise.resolve(bare);
    return new Promise((done, fail) => {
      this.lookup(bare, { all: false } as never, (error, address) => {
        if (!error) return done(address as string);
        fail((error as NodeJS.ErrnoException).code === 'EINSIDE' ? new Problem(insideNetwork) : error);
      });
    });
  }
}
