/** Settings of running the hub. */
import { z } from 'zod';

const percent = (value: number, text: string) => z.number().min(0).max(90).default(value).describe(text);

export const operations = z
  .strictObject({
    diskWarnPercent: percent(15, 'Percent of the disk below which the administrator is warned'),
    diskStopPercent: percent(3, 'Percent of the disk below which nothing new is taken in; reading goes on'),
  })
  .prefault({})
  .describe('Running the hub');
