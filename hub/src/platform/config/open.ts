/** Settings of open data. */
import { z } from 'zod';

export const open = z
  .strictObject({
    k: z
      .number()
      .int()
      .min(2)
      .max(1000)
      .default(5)
      .describe('Least group: rows without names are alike in at least so many (k-anonymity), counts are of so many'),
    answerDays: z
      .number()
      .int()
      .min(1)
      .max(365)
      .default(10)
      .describe('Working days within which a department answers what the public asks for or reports'),
    anonymousPerMinute: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(60)
      .describe('Calls of the open API a minute from one address without a key'),
    keyPerMinute: z.number().int().min(1).max(100_000).default(600).describe('Calls a minute with one key'),
    keyPerDay: z.number().int().min(1).max(100_000_000).default(100_000).describe('Calls a day with one key'),
  })
  .prefault({})
  .describe('Open data');
