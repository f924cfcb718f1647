/** Settings of notices (通知). */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';
import { ranges } from './subscriptions.ts';

const mail = z
  .strictObject({
    host: z.string().min(1).describe('Mail server (SMTP)'),
    port: z.number().int().min(1).max(65_535).default(587).describe('Its port'),
    tls: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe(
        'starttls: encrypted after the greeting, or not at all; tls: from the start (port 465); none: never (a server of the same machine)',
      ),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of the authority that signed its certificate, where it is not a public one'),
    secret: z
      .string()
      .min(1)
      .optional()
      .describe('Name of its credential under secrets (kind basic); without it there is no sign-in'),
    from: z.email().describe('Address that mails come from'),
    fromName: z.string().min(1).max(60).default('经纬 Jingwei').describe('Name that mails come from'),
    domains: z
      .array(z.string().regex(/^[a-z0-9.-]+$/, message('应为域名', 'expected a domain')))
      .max(100)
      .default([])
      .describe('Domains to whose addresses mail may go, with those below them; empty: any'),
    perMinute: z.number().int().min(1).max(6000).default(120).describe('Mails a minute at most'),
  })
  .optional()
  .describe('Mail; absent: notices go by page and declared channels only');

/** The part `notices` of the configuration. */
export const notices = z
  .strictObject({
    mail,
    networks: ranges(
      'Inside networks (CIDR) that declared channels may call; a demonstration also allows this machine itself',
    ),
    keepDays: z
      .number()
      .int()
      .min(30)
      .max(36_500)
      .default(730)
      .describe('Days for which settled notices and their deliveries are kept'),
  })
  .prefault({})
  .describe('Notices');
