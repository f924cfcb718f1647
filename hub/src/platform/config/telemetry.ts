/** Settings of telemetry that leaves the hub. */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';

const otlp = z
  .strictObject({
    endpoint: z
      .url({ protocol: /^https?$/ })
      .describe('Address of the collector (OTLP over HTTP), without /v1/traces: http://127.0.0.1:4318'),
    authorization: z
      .string()
      .regex(/^[\x20-\x7e]+$/, message('应为可见的 ASCII 字符', 'expected visible ASCII'))
      .optional()
      .describe('Value of the header Authorization, where the collector asks for one'),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string().regex(/^[\x20-\x7e]+$/))
      .default({})
      .describe('Further headers (in the file only)'),
    sampling: z.number().min(0).max(1).default(0.05).describe('Share of traces that is sent: 1 all of them'),
    queue: z
      .number()
      .int()
      .min(100)
      .max(100_000)
      .default(4096)
      .describe('Spans that wait at most; more are dropped and counted'),
  })
  .optional()
  .describe('Where traces go (OpenTelemetry); absent: nowhere, and none are made');

export const telemetry = z.strictObject({ otlp }).prefault({}).describe('Traces (docs/telemetry.md)');
