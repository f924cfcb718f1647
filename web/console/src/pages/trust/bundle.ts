/** Everything that verifies a signature without us, in one archive: the signature, publications, root certificate, the verifier, and how to. */
import { saveBytes } from './hashing.ts';
import { fetchBytes } from './service.ts';
import { zipOf } from './zip.ts';

const README = `经纬 无钥签名 离线验证包

一、用浏览器打开 verify.html（不需要联网，不需要账户）。
二、把原文件、本包中的 .ksig 签名文件和 publications.bin 一起拖入页面。
三、页面会说明：文件是否就是当时签名的文件、何时签名、由谁请求、由什么证明。
四、若不愿相信任何服务器，请把页面显示的公开值与公报（报纸）上刊载的逐字比较。
root.pem 是公开值文件的根证书；任何兼容 KSI 格式的工具也可以用这些文件验证。

Jingwei: bundle for verifying a keyless signature offline

1. Open verify.html in a browser (no network, no account).
2. Drop the original file, the .ksig signature and publications.bin of this bundle on the page.
3. It tells whether the file is the one that was signed, when, at whose request, and what proves it.
4. Who trusts no server compares the publication that is shown with the printed one, letter by letter.
root.pem is the root certificate of the publications file; any KSI-compatible tool verifies with these files too.
`;

/** Fetches what belongs to it and saves the archive as `<name>.zip`. Fails with an `ApiProblem` where a part cannot be had. */
export async function saveBundle(signature: Uint8Array, name: string): Promise<void> {
  const [publications, root, verifier] = await Promise.all([
    fetchBytes('/keyless/publications'),
    fetchBytes('/keyless/root.pem'),
    fetchBytes('/verify/offline.html'),
  ]);
  const files = [
    { name: `${name}.ksig`, bytes: signature },
    { name: 'publications.bin', bytes: publications },
    { name: 'root.pem', bytes: root },
    { name: 'verify.html', bytes: verifier },
    // Editors on Windows know UTF-8 by its mark.
    { name: 'README.txt', bytes: new TextEncoder().encode(`\uFEFF${README}`) },
  ];
  saveBytes(zipOf(files, new Date()), `${name}.zip`, 'application/zip');
}
