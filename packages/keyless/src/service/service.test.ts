import { describe, expect, it } from 'vitest';
import { originOf, readSignature, signingTime } from '../format/signature.ts';
import { imprint } from '../hash/imprint.ts';
import { verifyInternal } from '../verify/internal.ts';
import { openService } from './testing.ts';

const document = (name: string, algorithm = 1) => imprint(algorithm, new TextEncoder().encode(name));

describe('a signing service', () => {
  it('signs all requests of a second in one tree, each with a whole signature that tells who asked', async () => {
    for (const algorithm of [1, 11]) {
      const { service, nextSecond } = await openService({ algorithm });
      const asked = Array.from({ length: 7 }, (_, i) => ({ hash: document(`${i}`, [1, 11, 5][i % 3]), level: i % 3 }));
      const waiting = asked.map(({ hash, level }, i) =>
        service.sign(hash, { level, ...(i ? { origin: { clientId: `部门${i}` } } : {}) }),
      );
      await nextSecond();
      const signatures = await Promise.all(waiting);
      signatures.forEach((bytes, i) => {
        const signature = readSignature(bytes);
        expect(verifyInternal(signature, asked[i]!).verdict).toEqual({ outcome: 'ok' });
        expect(signingTime(signature)).toBe(1_790_000_000n);
        expect(originOf(signature)).toMatchObject([{ clientId: i ? `部门${i}` : 'jingwei', sequence: BigInt(i) }]);
        expect(bytes.length).toBeLessThan(1700);
      });
      expect(service.status()).toMatchObject({
        signing: true,
        last: 1_790_000_000n,
        seconds: 1,
        waiting: 0,
        signed: 7,
      });
      await service.close();
    }
  });
});
