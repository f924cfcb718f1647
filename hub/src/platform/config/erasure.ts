/** Settings of the erasure of persons (个人信息删除). */
import { z } from 'zod';

/** The part `erasure` of the configuration. */
export const erasure = z
  .strictObject({
    answerDays: z
      .number()
      .int()
      .min(1)
      .max(60)
      .default(15)
      .describe('Working days within which a request to erase is answered'),
    receiverDays: z
      .number()
      .int()
      .min(1)
      .max(60)
      .default(10)
      .describe('Working days within which receivers of delivered data say that they deleted it'),
    rewrite: z
      .boolean()
      .default(true)
      .describe(
        'Whether tables are written anew and free blocks of the lake overwritten after an erasure; without it former bytes stay until blocks are used again',
      ),
  })
  .prefault({})
  .describe('Erasure of persons');
