/** `keys`: every key of the hub, rotated, split among custodians, put under a token; and what a loss means. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyView, LostKeys } from '@jingwei/hub';
import { holderOf, Problem, problemKind } from '@jingwei/hub/light';
import type { Command } from 'commander';
import { HubClient } from '../client.ts';
import { configOf, runningHub } from '../hub.ts';
import { EXIT, type Output } from '../output.ts';
import { byClient } from './collect.ts';
import { common, outputOf } from './shared.ts';

const badNumbers = problemKind(
  'cli.keys.custodians',
  400,
  '分持人数有误：2 ≤ 需要 ≤ 总数 ≤ 255',
  'the numbers of custodians are wrong: 2 ≤ needed ≤ count ≤ 255',
);
const hubRuns = problemKind(
  'cli.keys.hub-runs',
  409,
  '枢纽正在使用 {folder}（进程 {pid}），请先停止',
  'a hub is using {folder} (pid {pid}): stop it first',
);
const noHub = problemKind(
  'cli.keys.no-hub',
  409,
  '没有正在运行的枢纽，或未登录：请先启动并登录',
  'no hub runs here: start it and sign in first',
);
const noShares = problemKind(
  'cli.keys.no-shares',
  400,
  '没有分持密钥：用 --shares-file 给出文件（每行一份）',
  'no shares: give a file by --shares-file, a share on each line',
);
const noToken = problemKind(
  'cli.keys.no-token',
  400,
  '没有配置密码设备（vault.pkcs11）',
  'no token is configured (vault.pkcs11)',
);

/** Folder of the keys, which no hub may use meanwhile. */
function ownFolder(command: Command, free = true) {
  const config = configOf(common(command));
  const holder = free ? holderOf(config.dataFolder) : undefined;
  if (holder) throw new Problem(hubRuns, { folder: config.dataFolder, pid: holder.pid });
  return { config, folder: config.vault.keyFolder ?? join(config.dataFolder, 'keys') };
}

function clientOf(command: Command): HubClient {
  const url = runningHub(common(command));
  if (!url) throw new Problem(noHub);
  return new HubClient(url);
}

const sharesIn = (file: string | undefined): string => {
  const text = file === undefined || file === '-' ? readFileSync(0, 'utf8') : readFileSync(file, 'utf8');
  if (!/^\s*SH\d+-/im.test(text)) throw new Problem(noShares);
  return text;
};

function tell(output: Output, found: LostKeys): void {
  if (found.problem) output.problem({ code: found.problem.code, title: found.problem.title });
  if (found.missing.length === 0) {
    output.say(output.text({ zh: '没有缺少的密钥，全部数据可读', en: 'no key is missing: everything can be read' }));
    return;
  }
  for (const { id, wrong, accepted } of found.missing)
    output.say(
      output.text({
        zh: `缺少 ${id}${wrong ? '（在它位置上的是另一把）' : ''}${accepted ? '（已接受）' : ''}`,
        en: `missing: ${id}${wrong ? ' (another key stands in its place)' : ''}${accepted ? ' (accepted)' : ''}`,
      }),
    );
  output.table(
    found.parts.map((p) => [output.text(p.title), p.readable, p.unreadable, p.keys.join(' ')]),
    output.language === 'zh'
      ? ['数据', '可读', '不可读', '所缺密钥']
      : ['data', 'readable', 'unreadable', 'missing keys'],
  );
  if (found.backups !== null)
    output.say(
      found.backups
        ? output.text({ zh: '备份可由本机打开', en: 'backups: this hub can open them' })
        : output.text({ zh: '备份须凭恢复密钥打开', en: 'backups: only by the recovery key' }),
    );
  const { custody } = found;
  output.say(
    custody
      ? output.text({
          zh: `分持（${custody.count} 人中任意 ${custody.needed} 人）可恢复：${custody.covers.join(' ') || '无'}`,
          en: `custodians (any ${custody.needed} of ${custody.count}) can bring back: ${custody.covers.join(' ') || 'none'}`,
        })
      : output.text({ zh: '没有分持', en: 'nothing is in custody' }),
  );
}

/** `keys list | rotate | split | verify | join | lost | guard | unguard`. */
export function keysCommands(jingwei: Command): void {
  const keys = jingwei.command('keys').description('the keys of the hub: list, rotation, custody, token, loss');

  keys
    .command('list')
    .description('every key: what for, where it lies, since when, what depends on it (a running hub)')
    .action(async (_local: unknown, command: Command) => {
      const output = outputOf(command);
      const answer = await clientOf(command).get<{ keys: KeyView[] }>('/api/v1/keys');
      output.answer(answer, () =>
        output.table(
          answer.keys.map((k) => [
            k.id,
            k.state,
            k.held,
            k.since?.slice(0, 10) ?? '',
            k.depends ?? '',
            k.due?.slice(0, 10) ?? '',
            k.inCustody ? 'yes' : '',
          ]),
          output.language === 'zh'
            ? ['密钥', '状态', '存放', '自', '依赖', '应更换', '分持']
            : ['key', 'state', 'held', 'since', 'depends', 'due', 'custody'],
        ),
      );
    });

  keys
    .command('rotate')
    .description(
      "replace the vault's key (every value moves under the new one) or that of received files (new files only)",
    )
    .argument('<use>', 'vault or files')
    .requiredOption('--reason <text>', 'why; it stands in the audit')
    .action(async (use: string, local: { reason: string }, command: Command) => {
      const output = outputOf(command);
      const client = clientOf(command);
      const started = await client.post<{ job: string | null; id: string | null }>('/api/v1/keys/rotations', {
        use,
        reason: local.reason,
      });
      const result = started.job ? await byClient(output, client, started.job) : { id: started.id };
      output.answer(result, () => output.say(output.text({ zh: '已更换', en: 'replaced' })));
    });

  keys
    .command('split')
    .description(
      'put every key in custody: prints a share for each custodian, once; former shares open nothing any more',
    )
    .requiredOption('--custodians <count>', 'how many people')
    .option('--needed <count>', 'how many of them are needed', '2')
    .action(async (local: { custodians: string; needed: string }, command: Command) => {
      const output = outputOf(command);
      const [count, needed] = [Number(local.custodians), Number(local.needed)];
      if (!(Number.isInteger(count) && Number.isInteger(needed) && needed >= 2 && needed <= count && count <= 255))
        throw new Problem(badNumbers);
      const { config, folder } = ownFolder(command, false);
      const hub = await import('@jingwei/hub');
      hub.openGuard(folder, config.vault.pkcs11);
      const ring = hub.KeyRing.open(folder);
      const custody = hub.custodyOf(config, folder);
      const secret = custody.begin(needed, count, new Date());
      const shares = hub.writtenShares(secret, needed, count);
      secret.fill(0);
      hub.keepInCustody(custody, ring);
      output.answer({ folder: custody.folder, needed, count, keys: custody.names(), shares }, () => {
        for (const line of shares) output.say(`    ${line}`);
        output.say('');
        output.say(
          output.text({
            zh: `以上 ${count} 份只显示这一次：每位保管人一份，任意 ${needed} 份可恢复全部密钥，少于此数得不到任何信息。密封的密钥在 ${custody.folder}（可随备份保存）。请用 keys verify 试一次。`,
            en: `These are ${count} shares, shown once: one for each custodian. Any ${needed} of them bring every key back; fewer tell nothing. What they open lies in ${custody.folder} (backups take it along). Try it once by keys verify.`,
          }),
        );
      });
    });

  keys
    .command('verify')
    .description('whether these shares open everything in custody; nothing is written')
    .option('--shares-file <file>', 'shares, one on each line (standard input by default)')
    .action(async (local: { sharesFile?: string }, command: Command) => {
      const output = outputOf(command);
      const { config, folder } = ownFolder(command, false);
      const hub = await import('@jingwei/hub');
      const opened = hub.custodyOf(config, folder).open(hub.readShares(sharesIn(local.sharesFile)));
      output.answer({ keys: [...opened.keys()] }, () =>
        output.say(output.text({ zh: `可打开 ${opened.size} 把密钥`, en: `${opened.size} keys can be opened` })),
      );
    });

  keys
    .command('join')
    .description('make the folder of keys again from shares; nothing that is there is overwritten')
    .option('--shares-file <file>', 'shares, one on each line (standard input by default)')
    .action(async (local: { sharesFile?: string }, command: Command) => {
      const output = outputOf(command);
      const { config, folder } = ownFolder(command);
      const hub = await import('@jingwei/hub');
      const made = hub.custodyOf(config, folder).recover(hub.readShares(sharesIn(local.sharesFile)));
      output.answer({ folder, keys: made }, () =>
        output.say(
          output.text({
            zh: `已恢复 ${made.length} 把密钥到 ${folder}`,
            en: `${made.length} keys are in ${folder} again`,
          }),
        ),
      );
    });

  keys
    .command('lost')
    .description('what can still be read with the keys that are there, and what cannot (the hub must not run)')
    .option('--accept <key>', 'do without this lost key: the hub starts again, what is under it stays unread for ever')
    .option('--reason <text>', 'why it is accepted; it stands in the audit')
    .action(async (local: { accept?: string; reason?: string }, command: Command) => {
      const output = outputOf(command);
      const { config } = ownFolder(command);
      if (local.accept && (local.reason ?? '').trim().length < 4) command.error('--accept needs a --reason');
      const { lossOf } = await import('@jingwei/hub');
      const accept = local.accept ? { key: local.accept, reason: local.reason!.trim(), at: new Date() } : undefined;
      const found = await lossOf(config, accept);
      output.answer(found, () => tell(output, found));
      if (found.missing.some((m) => !m.accepted)) process.exitCode = EXIT.problem;
    });

  keys
    .command('guard')
    .description("wrap every key under the token's (vault.pkcs11); from then on the hub starts with the token only")
    .action(async (_local: unknown, command: Command) => {
      const output = outputOf(command);
      const { config, folder } = ownFolder(command);
      const settings = config.vault.pkcs11;
      if (!settings) throw new Problem(noToken);
      const hub = await import('@jingwei/hub');
      hub.openGuard(folder, settings);
      const ring = hub.KeyRing.open(folder);
      ring.reguard(hub.newGuard(settings, new Date()));
      output.answer({ folder, keys: ring.names }, () =>
        output.say(
          output.text({
            zh: `${ring.names.length} 把密钥已由密码设备 ${settings.token} 保护。设备损坏则密钥全部打不开：请先分持（keys split）`,
            en: `${ring.names.length} keys are under the token ${settings.token}. Without it none opens: put them in custody (keys split)`,
          }),
        ),
      );
    });

  keys
    .command('unguard')
    .description('take the token away from before the keys: they lie as files again')
    .action(async (_local: unknown, command: Command) => {
      const output = outputOf(command);
      const { config, folder } = ownFolder(command);
      const hub = await import('@jingwei/hub');
      if (!existsSync(join(folder, 'guard.json'))) throw new Problem(noToken);
      hub.openGuard(folder, config.vault.pkcs11);
      const ring = hub.KeyRing.open(folder);
      ring.reguard(undefined);
      output.answer({ folder, keys: ring.names }, () => output.say(output.text({ zh: '已解除', en: 'done' })));
    });
}
