/** Settings of the signing service. */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';

const parent = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).describe('Address of the hub above: https://city.example'),
    login: z.string().min(1).max(64).describe('Login there'),
    key: z.string().min(8).max(1024).describe('Key of the login'),
    algorithm: z.enum(['sha256', 'sha512', 'sm3']).default('sha256').describe('Hash of message authentication codes'),
    root: z.string().min(1).describe("File with the root certificate (PEM) of the service above's authority"),
    email: z.string().min(3).default('publications@jingwei.local').describe('E-mail address of its editor'),
  })
  .optional()
  .describe(
    'The service above (department → city → province): its calendar and publications take the place of own ones',
  );

/** The part `seal` of the configuration. */
export const seal = z
  .strictObject({
    signing: z
      .boolean()
      .default(true)
      .describe('Whether this hub signs; off on a restored copy: seals are asked for and wait'),
    algorithm: z
      .enum(['sha256', 'sm3'])
      .default('sha256')
      .describe('Hash of trees and calendar; fixed with the first signature'),
    authority: z
      .enum(['rsa', 'ecdsa', 'sm2'])
      .default('rsa')
      .describe(
        'Key that signs the calendar until the next publication; existing clients of the format know rsa, others none',
      ),
    email: z
      .string()
      .regex(/^[^\s@]+@[^\s@]+$/, message('应为电子邮件地址', 'expected an e-mail address'))
      .default('publications@jingwei.local')
      .describe("E-mail address in the certificate of the publications file's editor; clients compare it"),
    publishHours: z.number().int().min(1).max(8760).default(24).describe('Hours between two publications'),
    auditEntries: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(1000)
      .describe('Entries of the audit after which a stretch of it is sealed'),
    auditMinutes: z.number().int().min(1).max(525_600).default(10).describe('Minutes after which it is sealed anyway'),
    requestsPerSecond: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(20_000)
      .describe('Requests of outside clients a second from one address at most'),
    roundDays: z
      .number()
      .int()
      .min(1)
      .max(36_500)
      .default(30)
      .describe('Days for which the leaves of signed rounds are kept'),
    parent,
  })
  .prefault({})
  .describe('Seals: the keyless signing service');
