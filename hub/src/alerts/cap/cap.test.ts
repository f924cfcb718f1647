import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { Problem } from '../../platform/problem.ts';
import { crossing, ringOf } from './geometry.ts';
import type { CapAlert } from './model.ts';
import { capTime, identifierOf, identifierParts, issuerSchema, levelOfCap } from './profile.ts';
import { readCap } from './read.ts';
import { writeCap } from './write.ts';

const samples = fileURLToPath(new URL('../../../../../shared/data/cap', import.meta.url));
const there = existsSync(samples) || process.env.CI === 'true';
const read = (text: string) => readCap(Buffer.from(text));
const refused = (text: string | Uint8Array): Problem => {
  try {
    readCap(typeof text === 'string' ? Buffer.from(text) : text);
  } catch (error) {
    return error as Problem;
  }
  throw new Error('it was accepted');
};
const base = (over: Partial<CapAlert> = {}): CapAlert => ({
  ...{ identifier: '33028241600000_20260701080000_1', sender: 'warnings.example', sent: '2026-07-01T08:00:00+08:00' },
  ...{ status: 'Actual', msgType: 'Alert', scope: 'Public', codes: [], references: [] },
  infos: [
    {
      ...{ language: 'zh-CN', categories: ['Met'], event: '暴雨', responseTypes: ['Prepare'], urgency: 'Expected' },
      ...{ severity: 'Severe', certainty: 'Likely', eventCodes: [{ name: 'cn:eventType', value: '11B03' }] },
      ...{
        expires: '2026-07-01T14:00:00+08:00',
        headline: '暴雨橙色预警 <&">',
        parameters: [{ name: 'cn:colour', value: 'ORANGE' }],
      },
      ...{ resources: [] },
      areas: [
        {
          ...{
            areaDesc: '慈溪市',
            circles: [{ lon: 121.2, lat: 30.2, km: 5 }],
            geocodes: [{ name: 'CN:GB2260', value: '330282' }],
          },
          polygons: [
            [
              [121, 30],
              [121.5, 30],
              [121.5, 30.4],
              [121, 30],
            ],
          ],
        },
      ],
    },
  ],
  ...over,
});
const xml = writeCap(base());

test('what is written is read again as it was, whatever the texts are', () => {
  expect(read(xml)).toEqual({ version: '1.2', alert: base(), signed: false, notes: [] });
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((s) => s.trim() === s && s !== ''),
      (text) => {
        const alert = base();
        alert.infos[0]!.headline = text;
        alert.infos[0]!.areas[0]!.areaDesc = text;
        const again = read(writeCap(alert)).alert;
        // Line ends and characters that XML does not know cannot come back.
        if (/^[\x20-\ud7ff]*$/.test(text)) expect(again).toEqual(alert);
      },
    ),
    { numRuns: Number(process.env.JINGWEI_TEST_RUNS ?? 40) },
  );
});

test('identifiers of the national form have 31 characters and are read again', () => {
  const issuer = issuerSchema.parse({
    sender: 'a.example',
    senderName: { zh: '甲', en: 'A' },
    division: '330282',
    sector: '416',
  });
  const id = identifierOf(issuer, new Date('2026-06-30T16:00:05Z'), 7);
  expect(id).toBe('33028241600000_20260701000005_7');
  expect(id).toHaveLength(31);
  expect(identifierParts(id)).toMatchObject({ division: '330282', sector: '416', serial: 7 });
  expect(identifierParts('33028241600000_20261301000005_7')).toBeUndefined();
  expect(capTime(new Date('2026-06-30T16:00:05Z'))).toBe('2026-07-01T00:00:05+08:00');
  expect(levelOfCap(base())).toBe(3);
});

test.each([
  ['not closed', '30,121 30.1,121 30.1,121.1 30.2,121.3', 'closed'],
  ['latitude and longitude exchanged', '121,30 121,30.1 121.1,30.1 121,30', 'latitude comes first'],
  ['three points', '30,121 30.1,121 30,121', 'four points'],
  ['sides that cross', '30,121 30.1,121.1 30,121.1 30.1,121 30,121', 'crosses'],
  ['no area', '30,121 30.1,121.1 30.2,121.2 30,121', 'no area'],
  ['words', '30,121 north,121.1 30,121.1 30,121', '"north,121.1"'],
  ['a trailing comma', '30,121 30.1,121, 30,121.1 30,121', 'point 2'],
])('a polygon with %s is refused at its place', (_name, polygon, says) => {
  const problem = refused(xml.replace(/<polygon>[^<]*/, `<polygon>${polygon}`));
  expect(problem.kind.code).toBe('alerts.cap.polygon');
  expect(problem.place).toMatchObject({ line: 29, pointer: '/alert/info/0/area/0/polygon/0' });
  expect(problem.message).toContain(says);
});

test.each([
  ['scope', '', 'alerts.cap.missing'],
  ['sent', '<sent>2026-07-01T00:00:00Z</sent>', 'alerts.cap.time'],
  ['sent', '<sent>2026-13-01T00:00:00+08:00</sent>', 'alerts.cap.time'],
  ['status', '<status>Real</status>', 'alerts.cap.value'],
  ['msgType', '<msgType>Update</msgType>', 'alerts.cap.no-reference'],
  ['identifier', '<identifier>a b</identifier>', 'alerts.cap.text'],
  ['scope', '<scope>Public</scope><scope>Public</scope>', 'alerts.cap.twice'],
  ['scope', '<scope>Public</scope><foreign/>', 'alerts.cap.element'],
  ['scope', '<scope>Private</scope>', 'alerts.cap.scope'],
  ['scope', '<scope>Public</scope><references/>', 'alerts.cap.empty'],
  ['circle', '<circle>30,121</circle>', 'alerts.cap.circle'],
  ['event', '<event> </event>', 'alerts.cap.empty'],
])('%s as %s is refused: %s', (element, instead, code) => {
  const changed = xml.replace(new RegExp(`<${element}>[^<]*</${element}>`), instead);
  expect(changed).not.toBe(xml);
  const problem = refused(changed);
  expect(problem.kind.code).toBe(code);
  expect(problem.place?.line).toBeGreaterThan(1);
});

test('a hostile document opens nothing and costs nothing', () => {
  const doctype = '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
  expect(refused(xml.replace('<alert', `${doctype}<alert`)).kind.code).toBe('alerts.cap.doctype');
  expect(refused(xml.replace('暴雨', '&x;')).kind.code).toBe('alerts.cap.xml');
  expect(refused(`<a>${'<b>'.repeat(50)}`).kind.code).toBe('alerts.cap.depth');
  expect(refused('<a xmlns="b"/>').kind.code).toBe('alerts.cap.version');
  expect(refused(new Uint8Array(600 * 1024)).kind.code).toBe('alerts.cap.too-large');
  expect(refused(Uint8Array.of(0xff, 0xfe, 0x00)).kind.code).toMatch(/encoding|xml/);
  expect(refused('').kind.code).toBe('alerts.cap.xml');
});

test('a colour in the place of the severity is taken from the national network and told', () => {
  const national = read(xml.replace('Severe', 'RED').replace('ORANGE', 'RED'));
  expect(national).toMatchObject({ notes: ['severity-colour'], alert: { infos: [{ severity: 'Extreme' }] } });
  expect(refused(xml.replace('Severe', 'RED').replace('33028241600000_20260701080000_1', 'abc')).kind.code).toBe(
    'alerts.cap.value',
  );
});

test('crossing sides are found wherever they are', () => {
  const circle = Array.from({ length: 400 }, (_, i): [number, number] => [
    121 + Math.cos((i / 400) * 2 * Math.PI),
    30 + Math.sin((i / 400) * 2 * Math.PI),
  ]);
  const ring: [number, number][] = [...circle, circle[0]!];
  expect(crossing(ring)).toBeUndefined();
  [ring[100], ring[101]] = [ring[101]!, ring[100]!];
  expect(crossing(ring)).toEqual([99, 101]);
  expect(ringOf('30,121 30.1,121 30.1,121.1 30,121')).toHaveLength(4);
});

describe.skipIf(!there)('with the schema and samples of CAP', () => {
  const schema = () => readFileSync(`${samples}/schema/cap12.xsd`, 'utf8');
  /** Names of the documents that the schema refuses; all of them in one run, since the validator takes long to begin. */
  const invalid = async (documents: Record<string, string>) => {
    const xml = Object.entries(documents).map(([fileName, contents]) => ({ fileName, contents }));
    const judged = await validateXML({ xml, schema: [schema()] });
    return [...new Set(judged.errors.flatMap((e) => e.loc?.fileName ?? []))];
  };
  test('every sample is accepted, or refused with a code and a place; what is written is valid by the schema', async () => {
    const told: Record<string, string> = {};
    const written: Record<string, string> = { 'own.xml': xml, 'broken.xml': xml.replace('<scope>Public</scope>', '') };
    for (const name of readdirSync(`${samples}/testdata`).sort()) {
      if (!name.endsWith('.cap')) continue;
      try {
        const { alert, version, signed } = readCap(readFileSync(`${samples}/testdata/${name}`));
        told[name] = `accepted ${version}${signed ? ' signed' : ''}`;
        written[name] = writeCap(alert);
      } catch (error) {
        const { kind, place } = error as Problem;
        if (!kind) throw error;
        told[name] = `${kind.code} ${place?.line}`;
      }
    }
    expect(told).toEqual({
      'australia.cap': 'accepted 1.2',
      'canada.cap': 'accepted 1.2',
      'canada_errors.cap': 'alerts.cap.empty 12',
      'canada_signed.cap': 'accepted 1.2 signed',
      'earthquake-iso8859-1.cap': 'accepted 1.2 signed',
      'earthquake.cap': 'accepted 1.1',
      'earthquake_signed.cap': 'accepted 1.1 signed',
      'invalid.cap': 'alerts.cap.missing 2',
      'no_optional_fields.cap': 'accepted 1.1',
      'noaa_errors.cap': 'alerts.cap.empty 13',
      'wcatwc-warning.cap': 'accepted 1.2',
      'weather.cap': 'accepted 1.1',
      'xee.cap': 'alerts.cap.doctype 11',
    });
    const long = base({ note: 'n', source: 's', incidents: 'i', codes: ['c'], msgType: 'Update' });
    long.references = [{ sender: 'a', identifier: 'b', sent: '2026-07-01T08:00:00+08:00' }];
    Object.assign(long.infos[0]!, {
      audience: 'a',
      effective: long.sent,
      onset: long.sent,
      senderName: 's',
      description: 'd',
    });
    Object.assign(long.infos[0]!, { instruction: 'i', web: 'https://a.example/', contact: 'c' });
    long.infos[0]!.resources = [
      { resourceDesc: 'r', mimeType: 'text/plain', size: '3', uri: 'https://a.example/r', digest: 'd' },
    ];
    written['long.xml'] = writeCap(long);
    expect(await invalid(written)).toEqual(['broken.xml']);
  });
});
