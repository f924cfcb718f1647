/** Settings of subscriptions (变更订阅推送). */
import { isIP } from 'node:net';
import { z } from 'zod';
import { message } from '../i18n/validation.ts';

/** An address range: `10.20.0.0/16`, `fd12:3456::/48`. */
const range = z.string().refine(
  (text) => {
    const [address = '', bits = '', more] = text.split('/');
    const most = { 4: 32, 6: 128 }[isIP(address) as 4 | 6];
    return more === undefined && most !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
  },
  { error: message('应为网段，如 10.20.0.0/16', 'expected an address range such as 10.20.0.0/16') },
);

/** Inside networks that something may be sent to. */
export const ranges = (description: string) => z.array(range).max(200).default([]).describe(description);

/** The part `subscriptions` of the configuration. */
export const subscriptions = z
  .strictObject({
    networks: ranges(
      'Inside networks (CIDR) to which changes may be pushed; every address that is not a public one is refused unless it lies in one of these. A demonstration also allows this machine itself',
    ),
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(32)
      .describe('Streams pushed at once; as many again that fail and are tried anew'),
  })
  .prefault({})
  .describe('Subscriptions');
