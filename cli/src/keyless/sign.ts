/** `jingwei sign`: one request for any number of files, a signature beside each. */

import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Problem } from '@jingwei/hub/light';
import { describeImprint, describeTime, RecordTree, readSignature, signingTime } from '@jingwei/keyless';
import type { Common } from '../hub.ts';
import type { Output } from '../output.ts';
import { algorithmId, imprintOfFile, mayWrite, writeWhole } from './files.ts';
import { noLogin, sameTarget } from './problems.ts';
import { credentials, type LoginOptions, serverAt } from './servers.ts';

/** What may stand behind `sign`. */
export interface SignOptions extends LoginOptions {
  aggregator?: string;
  algorithm: string;
  out?: string;
  force?: boolean;
}

/** Where the signature of each file goes: beside it, into the folder that is named, or to the file that is named. */
function targets(files: readonly string[], out: string | undefined): string[] {
  const folder = out !== undefined && (files.length > 1 || statSync(out, { throwIfNoEntry: false })?.isDirectory());
  const all = files.map((file) => {
    if (out === undefined) return `${file}.ksig`;
    return folder ? join(out, `${basename(file)}.ksig`) : out;
  });
  const twice = all.find((target, i) => all.indexOf(target) < i);
  if (twice) throw new Problem(sameTarget, { file: twice });
  return all;
}

/** Signs the files; all of them or none. */
export async function runSign(
  files: readonly string[],
  options: SignOptions,
  common: Common,
  output: Output,
): Promise<void> {
  const algorithm = algorithmId(options.algorithm);
  const force = options.force ?? false;
  const outs = targets(files, options.out);
  for (const out of outs) mayWrite(out, force);
  const url = serverAt(options.aggregator, '/keyless/aggregator', '--aggregator', common);
  const login = await credentials(options);
  if (!login) throw new Problem(noLogin);
  const { AggregatorClient } = await import('@jingwei/keyless/service');

  const tree = new RecordTree(algorithm);
  const hashed: { imprint: Uint8Array; size: number }[] = [];
  for (const file of files) {
    const one = await imprintOfFile(file, algorithm, (done, total) =>
      // Small files are not worth a bar.
      total > 64 << 20 ? output.progress(done, total, file) : undefined,
    );
    tree.add(one.imprint);
    hashed.push(one);
  }
  const { root, level } = tree.close();
  const signature = await new AggregatorClient({ url, ...login }).sign(root, { level });
  tree.attach(signature);
  const signed = files.map((file, i) => {
    const bytes = tree.signatureOf(i);
    writeWhole(outs[i]!, bytes, force);
    const { imprint, size } = hashed[i]!;
    return { file, signature: outs[i]!, size, bytes: bytes.length, document: describeImprint(imprint) };
  });
  const at = describeTime(signingTime(readSignature(signature)));
  output.answer({ server: url, signedAt: at, files: signed }, () => {
    for (const { file, signature } of signed) output.say(`${file} → ${signature}`);
    output.say(
      output.text({
        zh: `已签名 ${signed.length} 个文件，时间 ${at.beijing ?? at.unix}（北京时间）`,
        en: `${signed.length} ${signed.length === 1 ? 'file' : 'files'} signed at ${at.utc ?? at.unix}`,
      }),
    );
  });
}
