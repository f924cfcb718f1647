/** Settings of running the hub. */
import { z } from 'zod';

const percent = (value: number, text: string) => z.number().min(0).max(90).default(value).describe(text);

export const operations = z
  .strictObject({
    diskWarnPercent: percent(15, 'Percent of the disk below which the administrator is warned'),
    diskStopPercent: percent(3, 'Percent of the disk below which nothing new is taken in; reading goes on'),
    memoryWarnPercent: percent(15, 'Percent of the memory (or of the heap) below which the administrator is warned'),
    memoryStopPercent: percent(
      5,
      'Percent of the memory below which no further job begins and nothing large is taken in',
    ),
    queueStop: z
      .number()
      .int()
      .min(100)
      .max(1_000_000)
      .default(10_000)
      .describe('Waiting jobs from which on people can start no further ones; the hub itself still can'),
  })
  .prefault({})
  .describe('Running the hub');
