/** Settings of the hub's own TLS. */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';

const acme = z
  .strictObject({
    directory: z
      .url({ protocol: /^https$/ })
      .describe('Directory of the authority (RFC 8555): https://acme.example/directory'),
    contact: z
      .string()
      .regex(/^[^\s@,]+@[^\s@,]+$/, message('应为电子邮箱', 'expected an e-mail address'))
      .optional()
      .describe('Mailbox that the authority may write to'),
    termsAgreed: z
      .literal(true)
      .describe("That the authority's terms of service are agreed to; nothing is ordered without"),
    authorityFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        "PEM file of certificates that the directory's own certificate is checked against (an authority of the intranet)",
      ),
    bindingId: z
      .string()
      .min(1)
      .optional()
      .describe('Key identifier of the external account binding, where the authority asks for one'),
    bindingKey: z
      .string()
      .regex(/^[A-Za-z0-9_-]{16,}$/, message('应为 base64url', 'expected base64url'))
      .optional()
      .describe('MAC key of the external account binding (base64url)'),
  })
  .refine((a) => (a.bindingId === undefined) === (a.bindingKey === undefined), {
    error: 'bindingId 与 bindingKey 须同时填写 / bindingId and bindingKey belong together',
  })
  .optional()
  .describe('Certificates fetched and renewed by themselves');

/** `http.tls`. */
export const tls = z
  .strictObject({
    certificate: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of the certificate and of those that it stands on, in that order'),
    key: z.string().min(1).optional().describe("PEM file of the certificate's key; readable by its owner only"),
    redirectPort: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe(
        'Port of plain HTTP that leads browsers to publicUrl; authorities look there for their challenges (they ask port 80)',
      ),
    acme,
  })
  .refine((t) => (t.certificate === undefined) === (t.key === undefined), {
    error: 'certificate 与 key 须同时填写 / certificate and key belong together',
  })
  .refine((t) => (t.acme === undefined) !== (t.certificate === undefined), {
    error: '须填写 certificate 和 key，或 acme，二者择一 / either certificate and key, or acme',
  })
  .refine((t) => t.acme === undefined || t.redirectPort !== undefined, {
    error: 'acme 需要 redirectPort（HTTP-01） / acme needs redirectPort (HTTP-01)',
  })
  .optional()
  .describe('TLS of the hub itself; absent: plain HTTP, for a proxy in front');
