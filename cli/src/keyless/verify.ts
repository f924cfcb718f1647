/** `jingwei verify`: a file against its signature, and the signature against what is trusted. */
import { existsSync } from 'node:fs';
import {
  describe,
  type Policy,
  readPublicationString,
  readSignature,
  type SignatureAccount,
  sentenceOf,
  signedHash,
  type Verdict,
  verify,
} from '@jingwei/keyless';
import type { Common } from '../hub.ts';
import { EXIT, type Output } from '../output.ts';
import { bytesOfFile, imprintOfFile, inFile } from './files.ts';
import { extenderOf, type Publications, type TrustOptions, trustedPublications } from './servers.ts';

/** Names of policies as they are written on the command line. */
export const policies: Record<string, Policy> = {
  default: 'default',
  internal: 'internal',
  key: 'key',
  'publications-file': 'publicationsFile',
  publication: 'userPublication',
  calendar: 'calendar',
};

/** What may stand behind `verify`. */
export interface VerifyOptions extends TrustOptions {
  policy: string;
  publication?: string;
  extend: boolean;
}

/** Why there is no conclusion, in Chinese; what an extender said is told as it said it. */
const reasons: Record<string, string> = {
  'no calendar hash chain': '签名没有日历哈希链',
  'a deprecated algorithm in the calendar hash chain': '日历哈希链用了已不可用的算法',
  'no calendar authentication record': '签名没有日历认证记录',
  'the certificate is not in the publications file': '公开值文件中没有所用的证书',
  'extending is not permitted': '不允许延伸，或没有延伸服务器',
  'a deprecated algorithm in the extended calendar hash chain': '延伸所得的日历哈希链用了已不可用的算法',
  'no publications file': '没有公开值文件',
  'no publication after the time of signing': '签名之后还没有公开值',
  'no publication was given': '没有给出公开值',
  'the publication is not after the time of signing': '公开值不晚于签名时间',
  'no extender': '没有延伸服务器',
};

/** Largest signature that is read. */
export const MOST_SIGNATURE = 0xffff + 4;

/** Reads a signature's file; what is wrong with it is told with the file. */
export async function signatureOfFile(file: string) {
  const bytes = await bytesOfFile(file, MOST_SIGNATURE);
  return inFile(file, () => readSignature(bytes));
}

/** What is verified: a document by its signature, or a signature alone. */
function subject(file: string, signature: string | undefined): { document?: string; signature: string } {
  if (signature) return { document: file, signature };
  const beside = `${file}.ksig`;
  // A signature that is named itself is verified without a document.
  return existsSync(beside) || !file.endsWith('.ksig') ? { document: file, signature: beside } : { signature: file };
}

const exits = { ok: EXIT.ok, failed: EXIT.problem, inconclusive: EXIT.inconclusive } as const;

/** Verifies and says the verdict; the exit code tells it. */
export async function runVerify(
  file: string,
  given: string | undefined,
  options: VerifyOptions,
  common: Common,
  output: Output,
): Promise<void> {
  const named = subject(file, given);
  const signature = await signatureOfFile(named.signature);
  const userPublication = options.publication ? readPublicationString(options.publication) : undefined;
  const policy = userPublication && options.policy === 'default' ? 'userPublication' : policies[options.policy]!;
  const document = named.document
    ? await imprintOfFile(named.document, signedHash(signature)[0]!, (done, total) =>
        total > 64 << 20 ? output.progress(done, total, named.document!) : undefined,
      )
    : undefined;
  const wanted = policy === 'default' || policy === 'key' || policy === 'publicationsFile';
  const publications = wanted ? await trustedPublications(options, common) : undefined;
  const extender = policy === 'internal' || !options.extend ? undefined : await extenderOf(options, common);
  const verdict = await verify(signature, policy, {
    ...(document ? { hash: document.imprint } : {}),
    ...(publications ? { publicationsFile: publications.file } : {}),
    ...(userPublication ? { userPublication } : {}),
    ...(extender ? { extender, extendingPermitted: true } : {}),
  });
  say(output, { ...named, policy: options.policy, verdict, publications, account: describe(signature) });
  process.exitCode = exits[verdict.outcome];
}

interface Verified {
  document?: string;
  signature: string;
  policy: string;
  verdict: Verdict;
  publications: Publications | undefined;
  account: SignatureAccount;
}

/** The verdict in words, with its code. */
function say(output: Output, { document, signature, policy, verdict, publications, account }: Verified): void {
  const { signingTime: at, origin, anchor } = account;
  const code = verdict.outcome === 'ok' ? undefined : verdict.code;
  const sentence = code ? sentenceOf(code) : undefined;
  const reason = verdict.outcome === 'inconclusive' ? verdict.reason : undefined;
  const value = {
    ...{ document: document ?? null, signature, policy, outcome: verdict.outcome, code: code ?? null },
    ...{ sentence: sentence ?? null, reason: reason ?? null, signedAt: at, origin },
    publications: publications ? { from: publications.from, signer: publications.signer } : null,
  };
  output.answer(value, () => {
    const words = {
      ok: { zh: '签名成立', en: 'the signature holds' },
      failed: { zh: '签名不成立', en: 'the signature does not hold' },
      inconclusive: { zh: '无法得出结论', en: 'no conclusion' },
    }[verdict.outcome];
    const why = code && sentence && code !== 'GEN-02' ? `（${code} ${sentence.zh}）` : '';
    const whyEn = code && sentence && code !== 'GEN-02' ? ` (${code} ${sentence.en})` : '';
    output.say(`${document ?? signature}: ${output.text({ zh: words.zh + why, en: words.en + whyEn })}`);
    if (reason) output.say(`  GEN-02: ${output.text({ zh: reasons[reason] ?? reason, en: reason })}`);
    if (!document)
      output.say(
        output.text({
          zh: '  未给出文件：只验证了签名本身',
          en: '  no file was given: only the signature itself was verified',
        }),
      );
    output.say(
      output.text({
        zh: `  签名时间 ${at.beijing ?? at.unix}（北京时间）`,
        en: `  signed at ${at.utc ?? at.unix}`,
      }),
    );
    const who = origin.map((o) => o.clientId).join(' / ');
    if (who) output.say(output.text({ zh: `  来源 ${who}`, en: `  origin ${who}` }));
    if (verdict.outcome === 'ok')
      output.say(
        output.text(
          anchor.kind === 'publication'
            ? { zh: `  由公开值证明：${anchor.printed}`, en: `  proven by a publication: ${anchor.printed}` }
            : { zh: `  验证方式 ${policy}`, en: `  policy ${policy}` },
        ),
      );
  });
}
