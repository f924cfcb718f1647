/** `backup`, `restore`, `move`: a hub's data kept elsewhere, made again, and carried from one engine to another. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SnapshotView } from '@jingwei/hub';
import { holderOf, Problem, problemKind } from '@jingwei/hub/light';
import type { Command } from 'commander';
import { configOf, withHub } from '../hub.ts';
import { EXIT, type Output } from '../output.ts';
import { byClient, byOwner } from './collect.ts';
import { common, outputOf } from './shared.ts';

const noFolder = problemKind(
  'cli.backup.folder',
  400,
  '没有说明备份库在哪里：配置 backup.folder，或用 --from 给出',
  'where is the repository? configure backup.folder or give --from',
);
const noKey = problemKind(
  'cli.backup.key',
  400,
  '没有恢复密钥：用 --key-file 给出文件，或用环境变量 JINGWEI_RECOVERY_KEY 给出',
  'no recovery key: give a file by --key-file or the variable JINGWEI_RECOVERY_KEY',
);
const badCustodians = problemKind(
  'cli.backup.custodians',
  400,
  '分持人数有误：2 ≤ 需要 ≤ 总数 ≤ 255',
  'the numbers of custodians are wrong: 2 ≤ needed ≤ count ≤ 255',
);
const hubRuns = problemKind(
  'cli.backup.hub-runs',
  409,
  '枢纽正在使用 {folder}（进程 {pid}），请先停止',
  'a hub is using {folder} (pid {pid}): stop it first',
);
const sameEngine = problemKind('cli.move.same', 400, '数据已在这种引擎上', 'the data is on this engine already');
const differs = problemKind(
  'cli.move.differs',
  500,
  '表 {table} 迁移后与迁移前不同，目标库不可使用',
  'the table {table} differs after the move: the target must not be used',
);

const pointNeeds = problemKind(
  'cli.restore.point',
  400,
  '按时间点恢复要同时给出 --at 与 --server-folder（可另加 --to）；它不用 --id 与 --db-url',
  'point in time needs both --at and --server-folder (and may have --to); it knows neither --id nor --db-url',
);
const noTarget = problemKind(
  'cli.restore.target',
  400,
  '恢复到哪里：用 --to 给出数据目录',
  'where to? give the data folder by --to',
);

/** An instant in the city's time. */
const cityTime = (ms: number): string => `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;

const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

/** The repository's data key: by the recovery key when one is given, else by the hub's own key. */
async function keyOf(command: Command, from: string, file: string | undefined): Promise<Buffer> {
  const { openGuard, Repository, repositoryOf } = await import('@jingwei/hub');
  const recovery = file ? readFileSync(file, 'utf8') : process.env.JINGWEI_RECOVERY_KEY;
  if (recovery) return Repository.dataKey(from, recovery);
  const config = configOf(common(command));
  const keys = config.vault.keyFolder ?? join(config.dataFolder, 'keys');
  if (!existsSync(join(keys, 'backup.key'))) throw new Problem(noKey);
  openGuard(keys, config.vault.pkcs11);
  return repositoryOf({ ...config, backup: { ...config.backup, folder: from } }, keys).dataKey;
}

const folderOf = (command: Command, given?: string): string => {
  const folder = given ?? configOf(common(command)).backup.folder;
  if (!folder) throw new Problem(noFolder);
  return resolve(folder);
};

function show(output: Output, snapshots: readonly SnapshotView[]): void {
  output.table(
    snapshots.map((s) => [
      s.id,
      s.at,
      s.files,
      mib(s.bytes),
      mib(s.added),
      `${s.held} ms`,
      `${(s.took / 1000).toFixed(1)} s`,
    ]),
    output.language === 'zh'
      ? ['编号', '时刻', '文件', '大小', '新增', '提交等待', '用时']
      : ['id', 'moment', 'files', 'size', 'added', 'commits held', 'took'],
  );
}

/** A data folder that nobody else may use while the command works. */
function free(folder: string): void {
  const holder = holderOf(folder);
  if (holder) throw new Problem(hubRuns, { folder, pid: holder.pid });
}

interface Custodians {
  needed: number;
  count: number;
}

function custodiansOf(local: { custodians?: string; needed: string }): Custodians | undefined {
  if (!local.custodians) return undefined;
  const own = { needed: Number(local.needed), count: Number(local.custodians) };
  if (!(own.needed >= 2 && own.needed <= own.count && own.count <= 255)) throw new Problem(badCustodians);
  return own;
}

/** Shows a recovery key or its shares, once. */
function tellSecret(
  output: Output,
  about: object,
  done: string,
  made: { recovery: string; shares: readonly string[] },
  custodians: Custodians | undefined,
): void {
  const secret = custodians ? { shares: made.shares, needed: custodians.needed } : { recoveryKey: made.recovery };
  output.answer({ ...about, ...secret }, () => {
    output.say(done);
    output.say('');
    for (const line of custodians ? made.shares : [made.recovery]) output.say(`    ${line}`);
    output.say('');
    output.say(
      custodians
        ? output.text({
            zh: `以上是 ${custodians.count} 份分持密钥，只显示这一次：每位保管人一份，任意 ${custodians.needed} 份可合成恢复密钥（写入一个文件，每行一份），少于此数得不到任何信息。`,
            en: `These are ${custodians.count} shares, shown once: one for each custodian. Any ${custodians.needed} of them (lines of one file) make the recovery key; fewer tell nothing.`,
          })
        : output.text({
            zh: '以上是恢复密钥，只显示这一次：抄写两份，分开存放在本机之外。没有它，机器损毁后备份无法打开。',
            en: 'This is the recovery key, shown once: copy it twice and keep the copies apart, away from this machine. Without it a backup cannot be opened when the machine is lost.',
          }),
    );
  });
}

/** `backup init | renew | enrol | take | list | check`, `restore`, `move`. */
export function backupCommands(jingwei: Command): void {
  const backup = jingwei
    .command('backup')
    .description('encrypted backups: complete each time, paid for only as far as new');

  backup
    .command('init')
    .description('make the repository (backup.folder); prints the recovery key, once')
    .option('--to <folder>', 'where, when it differs from the configuration')
    .option('--custodians <count>', 'split the recovery key among so many people')
    .option('--needed <count>', 'how many of them are needed', '2')
    .action(async (local: { to?: string; custodians?: string; needed: string }, command: Command) => {
      const output = outputOf(command);
      const folder = folderOf(command, local.to);
      const { KeyRing, openGuard, Repository } = await import('@jingwei/hub');
      const custodians = custodiansOf(local);
      const config = configOf(common(command));
      const keys = config.vault.keyFolder ?? join(config.dataFolder, 'keys');
      openGuard(keys, config.vault.pkcs11);
      const ring = KeyRing.open(keys);
      const made = Repository.init(folder, new Date(), custodians);
      ring.keep('backup', made.dataKey);
      const done = output.text({ zh: `已建立备份库 ${folder}`, en: `the repository ${folder} is made` });
      tellSecret(output, { folder, id: made.id }, done, made, custodians);
    });

  backup
    .command('renew')
    .description('give the repository another recovery key; prints it, once, and the one of before opens nothing more')
    .option('--from <folder>', 'the repository, when it differs from the configuration')
    .option('--key-file <file>', "file with the recovery key of before, where the hub's own key is not here")
    .option('--custodians <count>', 'split the new one among so many people')
    .option('--needed <count>', 'how many of them are needed', '2')
    .action(
      async (local: { from?: string; keyFile?: string; custodians?: string; needed: string }, command: Command) => {
        const output = outputOf(command);
        const folder = folderOf(command, local.from);
        const custodians = custodiansOf(local);
        const { Repository } = await import('@jingwei/hub');
        const made = Repository.renew(folder, await keyOf(command, folder, local.keyFile), new Date(), custodians);
        const done = output.text({
          zh: `${folder} 的恢复密钥已更换，原密钥不再能打开它`,
          en: `the recovery key of ${folder} is another now; the one of before opens it no longer`,
        });
        tellSecret(output, { folder }, done, made, custodians);
      },
    );

  backup
    .command('enrol')
    .description('give this hub the key of an existing repository, by its recovery key')
    .option('--from <folder>', 'the repository, when it differs from the configuration')
    .option('--key-file <file>', 'file with the recovery key (or JINGWEI_RECOVERY_KEY)')
    .action(async (local: { from?: string; keyFile?: string }, command: Command) => {
      const output = outputOf(command);
      const folder = folderOf(command, local.from);
      const { KeyRing, openGuard, Repository } = await import('@jingwei/hub');
      const recovery = local.keyFile ? readFileSync(local.keyFile, 'utf8') : process.env.JINGWEI_RECOVERY_KEY;
      if (!recovery) throw new Problem(noKey);
      const dataKey = Repository.dataKey(folder, recovery);
      const config = configOf(common(command));
      const keys = config.vault.keyFolder ?? join(config.dataFolder, 'keys');
      openGuard(keys, config.vault.pkcs11);
      KeyRing.open(keys).keep('backup', dataKey);
      output.answer({ folder }, () => output.say(output.text({ zh: '已登记', en: 'enrolled' })));
    });

  backup
    .command('take')
    .description('make a backup now')
    .action(async (_local: unknown, command: Command) => {
      const output = outputOf(command);
      const result = (await withHub(
        common(command),
        async (client) => byClient(output, client, (await client.post<{ job: string }>('/api/v1/backups', {})).job),
        async (app) => byOwner(output, app, await app.jobs.submit('backup.take', {})),
      )) as SnapshotView;
      output.answer(result, () => show(output, [result]));
    });

  backup
    .command('list')
    .description('the backups of a repository')
    .option('--from <folder>', 'the repository, when it differs from the configuration')
    .option('--key-file <file>', 'file with the recovery key (or JINGWEI_RECOVERY_KEY)')
    .action(async (local: { from?: string; keyFile?: string }, command: Command) => {
      const output = outputOf(command);
      const from = folderOf(command, local.from);
      const { Repository } = await import('@jingwei/hub');
      const dataKey = await keyOf(command, from, local.keyFile);
      const repository = Repository.open(from, dataKey);
      const snapshots = repository.snapshots().map((id) => {
        const own = repository.manifest(id);
        return { ...own, files: own.files.length };
      });
      const { reach } = await import('@jingwei/hub');
      const { ranges, gaps, bases, segments } = reach(repository, dataKey);
      const iso = (r: { from: number; to: number }) => ({
        from: new Date(r.from).toISOString(),
        to: new Date(r.to).toISOString(),
      });
      const point = { ranges: ranges.map(iso), gaps: gaps.map(iso), bases: bases.length, segments: segments.length };
      output.answer({ backups: snapshots, pointInTime: point }, () => {
        show(output, snapshots);
        for (const r of ranges)
          output.say(
            output.text({
              zh: `业务库可恢复到 ${cityTime(r.from)} 至 ${cityTime(r.to)} 之间的任意时刻`,
              en: `the store can be put back to any instant from ${cityTime(r.from)} to ${cityTime(r.to)}`,
            }),
          );
        for (const g of gaps)
          output.say(
            output.text({
              zh: `缺口：${cityTime(g.from)} 至 ${cityTime(g.to)} 的日志没有归档`,
              en: `a gap: the log between ${cityTime(g.from)} and ${cityTime(g.to)} was not archived`,
            }),
          );
      });
    });

  backup
    .command('check')
    .description('read every byte of a backup and check it')
    .argument('[id]', 'the backup', 'latest')
    .option('--from <folder>', 'the repository, when it differs from the configuration')
    .option('--key-file <file>', 'file with the recovery key (or JINGWEI_RECOVERY_KEY)')
    .action(async (id: string, local: { from?: string; keyFile?: string }, command: Command) => {
      const output = outputOf(command);
      const from = folderOf(command, local.from);
      const { Repository } = await import('@jingwei/hub');
      const repository = Repository.open(from, await keyOf(command, from, local.keyFile));
      const note = output.text({ zh: '核对', en: 'checking' });
      const chunks = repository.check(id, (done, total) => output.progress(done, total, note));
      output.answer({ id, chunks }, () =>
        output.say(output.text({ zh: `${chunks} 块，全部完好`, en: `${chunks} chunks, all whole` })),
      );
    });

  jingwei
    .command('restore')
    .description('make a data folder again from a backup, and check it')
    .option('--to <folder>', 'the data folder to make (absent or empty)')
    .option('--at <instant>', "point in time: the instant of the server's store, like 2026-11-22T10:41:00+08:00")
    .option(
      '--server-folder <folder>',
      "point in time: the PostgreSQL server's new data folder (absent or empty); with --to the newest backup of the other parts before the instant is made as well",
    )
    .option('--from <folder>', 'the repository, when it differs from the configuration')
    .option('--id <backup>', 'which backup (the latest)')
    .option('--key-file <file>', 'file with the recovery key (or JINGWEI_RECOVERY_KEY)')
    .option(
      '--db-url <url>',
      'an empty PostgreSQL database for the operational store of a backup that was taken of a server',
    )
    .option('--no-check', 'do not check what was restored')
    .action(
      async (
        local: {
          to?: string;
          at?: string;
          serverFolder?: string;
          from?: string;
          id?: string;
          keyFile?: string;
          dbUrl?: string;
          check: boolean;
        },
        command: Command,
      ) => {
        const output = outputOf(command);
        const point = local.at !== undefined || local.serverFolder !== undefined;
        if (point && (!local.at || !local.serverFolder || local.id || local.dbUrl)) throw new Problem(pointNeeds);
        if (!point && !local.to) throw new Problem(noTarget);
        const from = folderOf(command, local.from);
        const hub = await import('@jingwei/hub');
        // What cannot be is told before keys are asked for.
        const at = local.at === undefined ? undefined : hub.readInstant(local.at);
        const dataKey = await keyOf(command, from, local.keyFile);
        const note = output.text({ zh: '恢复', en: 'restoring' });
        let snapshot = local.id ?? 'latest';
        let told = () => {};
        let made: { point?: unknown } = {};
        if (at !== undefined) {
          if (local.to) hub.mustBeEmpty(resolve(local.to));
          if (local.to) snapshot = hub.partsBefore(hub.Repository.open(from, dataKey), at).id;
          const folder = resolve(local.serverFolder!);
          const server = hub.restorePoint({
            ...{ from, dataKey, at, to: folder },
            onProgress: (done, total) => output.progress(done, total, note),
          });
          made = { point: { ...server, folder } };
          told = () => {
            output.say(
              output.text({
                zh: `服务器数据目录 ${folder} 已备好：基础备份 ${server.base.id} 加 ${server.segments} 段日志，启动后停在 ${cityTime(at)}`,
                en: `the server's folder ${folder} is ready: base backup ${server.base.id} and ${server.segments} segments of log; started, it stops at ${cityTime(at)}`,
              }),
            );
            output.say(
              output.text({
                zh: `交给数据库用户（chown -R postgres ${folder}），用 PostgreSQL ${Math.floor(server.base.server / 10_000)} 启动，再把 db.url 指向它并启动枢纽；枢纽会核对各部分`,
                en: `give it to the server's user (chown -R postgres ${folder}), start PostgreSQL ${Math.floor(server.base.server / 10_000)} on it, then let db.url lead to it and start the hub, which compares the parts`,
              }),
            );
          };
          if (!local.to) {
            output.answer(made, told);
            return;
          }
        }
        const to = resolve(local.to!);
        const manifest = hub.restoreFiles({
          ...{ from, dataKey, snapshot, to },
          onProgress: (done, total) => output.progress(done, total, note),
        });
        let records: number | undefined;
        if (manifest.store === 'postgres' && local.dbUrl)
          records = await hub.restoreRows(to, { url: local.dbUrl }, (db) => hub.migrate(db, hub.migrationSets()));
        const config = configOf(common(command));
        const found = local.check
          ? await hub.verifyFolder(to, { ...config, city: manifest.city }, new AbortController().signal)
          : undefined;
        // The store of an instant comes from the server's folder: rows of another moment beside it would only be mistaken for it.
        if (at !== undefined)
          for (const name of ['rows', 'pg']) rmSync(join(to, name), { recursive: true, force: true });
        const { files, ...own } = manifest;
        output.answer({ ...made, ...own, files: files.length, to, records, check: found }, () => {
          told();
          output.say(
            output.text({
              zh: `已恢复到 ${to}：${manifest.at} 的数据，${files.length} 个文件，${mib(manifest.bytes)}`,
              en: `restored to ${to}: the data of ${manifest.at}, ${files.length} files, ${mib(manifest.bytes)}`,
            }),
          );
          if (manifest.without.length)
            output.say(
              output.text({
                zh: `不在备份内：${manifest.without.join('、')}`,
                en: `not in the backup: ${manifest.without.join(', ')}`,
              }),
            );
          if (found) {
            for (const p of found.problems) output.problem({ code: p.code, title: { zh: p.zh, en: p.en } });
            output.say(
              output.text({
                zh: `核验：${found.runs} 个批次 ${found.rows} 行，${found.seals} 个签封，业务库 ${found.records} 行，${found.problems.length} 处不符`,
                en: `checked: ${found.runs} runs with ${found.rows} rows, ${found.seals} seals, ${found.records} rows of the operational store, ${found.problems.length} faults`,
              }),
            );
          }
        });
        if (found?.problems.length) process.exitCode = EXIT.problem;
      },
    );

  jingwei
    .command('move')
    .description(
      'carry the operational store from the embedded engine to a server (--to-server) or back (--to-embedded); the hub must not run',
    )
    .option('--to-server <url>', 'an empty PostgreSQL database')
    .option('--to-embedded', 'into the data folder; the server is the configured one (db.url)')
    .action(async (local: { toServer?: string; toEmbedded?: boolean }, command: Command) => {
      const output = outputOf(command);
      const config = configOf(common(command));
      free(config.dataFolder);
      if (Boolean(local.toServer) === Boolean(local.toEmbedded) || Boolean(config.db.url) === Boolean(local.toServer))
        throw new Problem(sameEngine);
      const hub = await import('@jingwei/hub');
      const lock = hub.lockFolder(config.dataFolder);
      const folder = mkdtempSync(join(config.dataFolder, 'work', 'move-'));
      const source = await hub.openDb(
        config.db.url
          ? { kind: 'postgres', url: config.db.url, connections: 2 }
          : { kind: 'pglite', folder: join(config.dataFolder, 'pg') },
      );
      try {
        const note = (zh: string, en: string) => (name: string) =>
          output.progress(0, undefined, `${output.text({ zh, en })} ${name}`);
        // A store of an older version is brought up to date first, or its tables would differ from those they are compared with.
        await hub.migrate(source, hub.migrationSets());
        const told = await hub.askingIn(source, (ask) =>
          hub.writeRows(ask, join(folder, 'rows'), note('读出', 'reading')),
        );
        const target = local.toServer ? { url: local.toServer } : { folder: config.dataFolder };
        const rows = await hub.restoreRows(folder, target, (db) => hub.migrate(db, hub.migrationSets()));
        // Read once more from where it is now: not only as many, the same.
        const moved = await hub.openDb(
          local.toServer
            ? { kind: 'postgres', url: local.toServer, connections: 2 }
            : { kind: 'pglite', folder: join(config.dataFolder, 'pg') },
        );
        try {
          const again = await hub.askingIn(moved, (ask) =>
            hub.writeRows(ask, join(folder, 'again'), note('核对', 'comparing')),
          );
          const digests = new Map(again.map((t) => [`${t.schema}.${t.table}`, t.digest]));
          for (const t of told)
            if (digests.get(`${t.schema}.${t.table}`) !== t.digest)
              throw new Problem(differs, { table: `${t.schema}.${t.table}` });
        } finally {
          await moved.close();
        }
        output.answer({ tables: told.length, rows, to: local.toServer ? 'server' : 'embedded' }, () => {
          output.say(
            output.text({
              zh: `${told.length} 张表 ${rows} 行已迁移，逐表摘要一致`,
              en: `${told.length} tables with ${rows} rows were moved; the digest of every table is the same`,
            }),
          );
          output.say(
            local.toServer
              ? output.text({
                  zh: '现在把 db.url 写入配置再启动；原 pg 目录保留，可在确认后删除',
                  en: 'now set db.url and start; the folder pg is left as it is and may be deleted afterwards',
                })
              : output.text({
                  zh: '现在从配置中去掉 db.url 再启动；服务器上的库保持原样',
                  en: 'now take db.url out of the configuration and start; the database of the server is left as it is',
                }),
          );
        });
      } finally {
        await source.close();
        rmSync(folder, { recursive: true, force: true });
        lock.release();
      }
    });
}
