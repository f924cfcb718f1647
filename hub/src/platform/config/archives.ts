/** Settings of electronic archives. */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';

export const archives = z
  .strictObject({
    fileMiB: z.number().int().min(1).max(5120).default(2048).describe('Largest single file of an archive, in MiB'),
    files: z.number().int().min(1).max(10_000).default(500).describe('Most files of one archive'),
    verifyDays: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .describe('Days after which a kept archive is read and verified again'),
    borrowDays: z.number().int().min(1).max(365).default(30).describe('Most days of one borrowing'),
    ageing: z
      .array(z.string())
      .default([])
      .describe('Hash algorithms that age: archives sealed under them are sealed again (sha256, sm3, …)'),
    resealWith: z.string().default('sha512').describe('Hash algorithm of seals made anew'),
    scanner: z
      .array(z.string().min(1))
      .max(20)
      .default([])
      .describe('Virus scanner: a command that reads a file on standard input and ends with 0 when it is clean'),
    store: z
      .strictObject({
        kind: z.enum(['folder', 's3']).default('folder').describe('Where the files of archives are kept'),
        endpoint: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe('Address of the S3-compatible store'),
        region: z.string().min(1).default('us-east-1').describe('Region of the store'),
        bucket: z.string().min(1).optional().describe('Bucket'),
        accessKey: z.string().min(1).optional().describe('Access key'),
        secretKey: z.string().min(1).optional().describe('Secret key'),
      })
      .refine((s) => s.kind === 'folder' || (s.endpoint && s.bucket && s.accessKey && s.secretKey), {
        message: message(
          'S3 存储须给出 endpoint、bucket、accessKey 和 secretKey',
          'an S3 store needs endpoint, bucket, accessKey and secretKey',
        ),
      })
      .prefault({})
      .describe('The store of archives; files are encrypted before they reach it'),
  })
  .prefault({})
  .describe('Archives');
