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
      .enum(['whole', 'tables', 'none'])
      .default('whole')
      .describe(
        'What of the lake is written anew after an erasure, so that former bytes are nowhere in its file: every table (sure, one writing of the whole lake), those that held something of the person (blocks that they shared with others may keep bytes until these are written), or none',
      ),
  })
  .prefault({})
  .describe('Erasure of persons');
