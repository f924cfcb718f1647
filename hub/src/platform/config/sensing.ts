/** Settings of sensing (感知). */
import { z } from 'zod';

const days = (value: number, most: number, text: string) =>
  z.number().int().min(1).max(most).default(value).describe(text);

/** The part `sensing` of the configuration. */
export const sensing = z
  .strictObject({
    mqttPort: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe(
        'Port of the MQTT broker for sensors; 0 takes a free one; without it there is none (a demonstration takes a free one of this machine)',
      ),
    mqttHost: z.string().min(1).default('127.0.0.1').describe('Address that the MQTT broker listens on'),
    mqttKey: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of the private key of the broker; with mqttCertificate it speaks TLS only'),
    mqttCertificate: z.string().min(1).optional().describe('PEM file of the certificate chain of the broker'),
    readingDays: days(90, 3650, 'Days for which single readings are kept; older ones are refused'),
    hourDays: days(1095, 36_500, 'Days for which sums of hours are kept'),
    dayDays: days(7300, 36_500, 'Days for which sums of days are kept'),
    journalMiB: z
      .number()
      .int()
      .min(64)
      .max(1_048_576)
      .default(2048)
      .describe(
        'Size that the journal of readings may have, for whoever catches up, before what the lake has taken over is let go of',
      ),
  })
  .prefault({})
  .describe('Sensing');
