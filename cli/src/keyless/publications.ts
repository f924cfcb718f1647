/** `jingwei publications`: the list as it is printed, and whether its editor's signature holds. */
import { Problem } from '@jingwei/hub/light';
import { readPublicationsFile } from '@jingwei/keyless';
import type { Common } from '../hub.ts';
import type { Output } from '../output.ts';
import { publicationsView, sayPublications } from './inspect.ts';
import { noPublications } from './problems.ts';
import { neededPublications, publicationsBytes, type TrustOptions } from './servers.ts';

/** Lists the publications; with `check` only those of a file whose signature leads to a trusted root. */
export async function runPublications(
  from: string | undefined,
  options: TrustOptions & { check?: boolean },
  common: Common,
  output: Output,
): Promise<void> {
  const asked = { ...options, ...(from ? { publications: from } : {}) };
  if (options.check || options.root) {
    const { file, from: where, signer } = await neededPublications(asked, common);
    output.answer({ from: where, checked: true, signer, ...publicationsView(file) }, () => {
      sayPublications(file, output);
      output.say(output.text({ zh: `签名成立：${signer}`, en: `the signature holds: ${signer}` }));
    });
    return;
  }
  const found = await publicationsBytes(asked, common);
  if (!found) throw new Problem(noPublications, { option: 'SOURCE' });
  const file = readPublicationsFile(found.bytes);
  output.answer({ from: found.from, checked: false, ...publicationsView(file) }, () => {
    sayPublications(file, output);
    output.say(
      output.text({
        zh: '文件的签名未核对（用 --check 核对）',
        en: 'the signature of the file was not checked (--check does)',
      }),
    );
  });
}
