/** Settings of the vault and of the keys. */
import { z } from 'zod';
import { message } from '../i18n/validation.ts';

const days = (value: number, text: string) => z.number().int().min(0).max(3650).default(value).describe(text);

const pkcs11 = z
  .strictObject({
    module: z.string().min(1).describe("The token's library (PKCS #11), for example /usr/lib/softhsm/libsofthsm2.so"),
    token: z.string().min(1).max(32).describe('Label of the token'),
    key: z
      .string()
      .regex(
        /^([0-9a-f]{2}){1,32}$/i,
        message('应为十六进制的密钥标识（CKA_ID）', 'expected a key id (CKA_ID) in hexadecimal'),
      )
      .describe('Id (CKA_ID, hexadecimal) of its RSA key pair, under which the keys are wrapped'),
    pin: z.string().min(1).max(255).optional().describe("The token's PIN; better by the environment than in a file"),
    pinFile: z.string().min(1).optional().describe("File with the token's PIN, readable by its owner only"),
    tool: z.string().min(1).default('pkcs11-tool').describe('The program that speaks to the token (OpenSC)'),
  })
  .refine((p) => (p.pin === undefined) !== (p.pinFile === undefined), {
    error: '须填写 pin 或 pinFile，二者择一 / either pin or pinFile',
  })
  .optional()
  .describe('A token (HSM) that holds the key under which all keys are wrapped (docs/keys.md)');

export const vault = z
  .strictObject({
    keyFolder: z
      .string()
      .min(1)
      .optional()
      .describe('Folder of the keys that protect identity data (0700); <dataFolder>/keys by default'),
    custodyFolder: z
      .string()
      .min(1)
      .optional()
      .describe('Folder of the keys as custodians can open them together; <dataFolder>/custody by default'),
    rotateDays: days(
      365,
      "Days after which the vault's key and the key of received files are due to be replaced; 0: never",
    ),
    pkcs11,
  })
  .prefault({})
  .describe('The vault of identity data');
