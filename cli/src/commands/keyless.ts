import { type Command, Option } from 'commander';
import { common, outputOf } from './shared.ts';

const serverOptions = (command: Command): Command =>
  command
    .option('--login <name>', 'login of a client of the service (or JINGWEI_CLI_KEYLESS_LOGIN) / 登录名')
    .option('--key-file <file>', 'file with its key (or JINGWEI_CLI_KEYLESS_KEY in the environment) / 密钥文件')
    .option('--hmac <algorithm>', 'hash algorithm of message authentication codes', 'sha256')
    .option('--timeout <seconds>', 'longest wait for a server', '15');

const trustOptions = (command: Command): Command =>
  serverOptions(command)
    .option('--publications <file|url>', "publications file (default: the running hub's) / 公开值文件")
    .option('--root <pem>', 'certificate of the root that its editor is trusted by / 受信任的根证书')
    .option('--email <address>', "e-mail address in the editor's certificate (default: that of the configuration)")
    .option('--extender <url>', "extender of a service (default: the running hub's) / 延伸服务器");

/** `sign`, `verify`, `extend`, `inspect`, `publications`: keyless signatures. What they do is loaded when one of them runs. */
export function keylessCommands(jingwei: Command): void {
  serverOptions(
    jingwei
      .command('sign')
      .description('sign files of any size by one request; a .ksig beside each / 给文件签名（无钥签名）')
      .argument('<files...>')
      .option('--aggregator <url>', "aggregator of a signing service (default: the running hub's) / 签名服务器")
      .option('--algorithm <name>', 'hash algorithm: sha256, sm3, … / 哈希算法', 'sha256')
      .option('--out <file|folder>', 'where signatures are written (a folder, or a file for a single one)')
      .option('--force', 'replace signatures that are there already / 覆盖已有签名'),
  ).action(async (files: string[], options, command: Command) => {
    const { runSign } = await import('../keyless/sign.ts');
    await runSign(files, options, common(command), outputOf(command));
  });

  trustOptions(
    jingwei
      .command('verify')
      .description(
        'verify a file by its signature: exit 0 holds, 1 does not hold, 2 no conclusion / 验证文件与签名：0 成立，1 不成立，2 无法得出结论',
      )
      .argument('<file>', 'the file that was signed, or a .ksig alone')
      .argument('[signature]', 'its signature (default: <file>.ksig)')
      .option('--publication <string>', 'a publication as it was printed / 印出的公开值')
      .addOption(
        new Option('--policy <name>', 'what decides / 验证方式')
          .choices(['default', 'internal', 'key', 'publications-file', 'publication', 'calendar'])
          .default('default'),
      )
      .option('--no-extend', 'ask no extender / 不向延伸服务器询问'),
  ).action(async (file: string, signature: string | undefined, options, command: Command) => {
    const { runVerify } = await import('../keyless/verify.ts');
    await runVerify(file, signature, options, common(command), outputOf(command));
  });

  trustOptions(
    jingwei
      .command('extend')
      .description('extend a signature to a publication, by which it holds without any key / 把签名延伸到公开值')
      .argument('<signature>')
      .addOption(
        new Option('--to <time>', 'the first publication at or after this time (default: after signing)').conflicts(
          'publication',
        ),
      )
      .option('--publication <string>', 'a publication as it was printed / 印出的公开值')
      .option('--out <file>', 'where it is written (default: <name>.extended.ksig)')
      .option('--force', 'replace what is there already'),
  ).action(async (file: string, options, command: Command) => {
    const { runExtend } = await import('../keyless/extend.ts');
    await runExtend(file, options, common(command), outputOf(command));
  });

  jingwei
    .command('inspect')
    .description('show what a signature, a publications file or a message contains, step by step / 查看签名的全部内容')
    .argument('<file>')
    .option('--no-steps', 'leave the single steps of the chains out')
    .action(async (file: string, options: { steps: boolean }, command: Command) => {
      const { runInspect } = await import('../keyless/inspect.ts');
      await runInspect(file, options, outputOf(command));
    });

  trustOptions(
    jingwei
      .command('publications')
      .description('list the publications as they are printed / 列出公开值')
      .argument('[source]', "file or address (default: the running hub's)")
      .option('--check', 'check the signature of the file up to a trusted root / 核对文件的签名'),
  ).action(async (source: string | undefined, options, command: Command) => {
    const { runPublications } = await import('../keyless/publications.ts');
    await runPublications(source, options, common(command), outputOf(command));
  });
}
