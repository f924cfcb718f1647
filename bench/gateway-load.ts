/**
 * Load generator of bench/gateway.ts, a process of its own: keeps a number of connections busy with single-record look-ups of keys spread evenly
 * over all records, checks that each answer is the record that was asked for, and prints its latencies as JSON.
 */
import { connect } from 'node:net';
import { parseArgs } from 'node:util';

const { values: o } = parseArgs({
  options: {
    port: { type: 'string' },
    token: { type: 'string' },
    grant: { type: 'string' },
    records: { type: 'string' },
    connections: { type: 'string' },
    seconds: { type: 'string' },
    warm: { type: 'string', default: '3' },
  },
});
const records = Number(o.records);
const begin = performance.now() + Number(o.warm) * 1000;
const end = begin + Number(o.seconds) * 1000;
const latencies: number[] = [];
let errors = 0;
const reasons = new Map<string, number>();
let seed = 42;
/** Numbers spread evenly (splitmix32). */
const next = (): number => {
  seed = (seed + 0x9e3779b9) | 0;
  let z = seed ^ (seed >>> 16);
  z = Math.imul(z, 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) % records;
};

function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(o.port), '127.0.0.1');
    socket.setNoDelay(true);
    let started = 0;
    let key = '';
    let buffer = '';
    const ask = () => {
      if (performance.now() >= end) {
        socket.end();
        resolve();
        return;
      }
      key = `K${next()}`;
      buffer = '';
      started = performance.now();
      socket.write(
        `GET /services/${o.grant}/lookup?permit_no=${key} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${o.token}\r\n\r\n`,
      );
    };
    socket.on('connect', ask);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      buffer += chunk.toString('utf8');
      const head = buffer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(buffer)?.[1] ?? -1);
      if (Buffer.byteLength(buffer) < head + 4 + length) return;
      const now = performance.now();
      if (started >= begin) {
        latencies.push(now - started);
        if (!buffer.startsWith('HTTP/1.1 200') || !buffer.includes(`"permit_no":"${key}"`)) {
          errors += 1;
          const why = buffer.slice(0, 12) + (/"code":"([^"]+)"/.exec(buffer)?.[1] ?? '');
          reasons.set(why, (reasons.get(why) ?? 0) + 1);
        }
      }
      ask();
    });
  });
}

await Promise.all(Array.from({ length: Number(o.connections) }, run));
latencies.sort((a, b) => a - b);
const at = (q: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? 0;
console.log(
  JSON.stringify({
    calls: latencies.length,
    rate: latencies.length / Number(o.seconds),
    ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), most: at(1), errors },
    reasons: Object.fromEntries(reasons),
  }),
);
