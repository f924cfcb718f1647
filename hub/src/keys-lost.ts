/** What a stopped hub's data can still be read of, from its folders alone; and a loss that is accepted, after which the hub starts without the key. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { countFiles, custodyOf, type LossStatement, sealedFolders, statement } from './platform/keys/index.ts';
import { openDuckDbLake } from './platform/lake/index.ts';
import { lockFolder } from './platform/lock/index.ts';
import { Problem, problemKind } from './platform/problem.ts';
import { KeyRing, openGuard, vaultTables } from './platform/vault/index.ts';

const noData = problemKind('keys.no-data', 404, '{folder} 中没有枢纽的数据', 'there is no data of a hub in {folder}');
const notLost = problemKind(
  'keys.not-lost',
  409,
  '密钥 {key} 没有丢失，或没有数据依赖它',
  'the key {key} is not lost, or no data depends on it',
);
const neverAccepted = problemKind(
  'keys.token-needed',
  409,
  '标识密钥（token）的丢失不能接受：没有它，旧数据的标识与新数据对不上；请从备份或分持恢复',
  'the loss of the key of tokens cannot be accepted: without it old data and new would not know each other; restore it from a backup or from custody',
);

/** The statement, and why the folder of keys could not be opened, where it could not. */
export interface LostKeys extends LossStatement {
  problem: ReturnType<Problem['toJSON']> | null;
}

/** States what can be read. The hub must not run. `accept`: the name of a lost key that is to be done without, and why. */
export async function lossOf(config: Config, accept?: { key: string; reason: string; at: Date }): Promise<LostKeys> {
  const data = config.dataFolder;
  const path = join(data, 'lake', 'lake.duckdb');
  if (!existsSync(path)) throw new Problem(noData, { folder: data }, { file: path });
  const lock = lockFolder(data);
  mkdirSync(join(data, 'work'), { recursive: true, mode: 0o700 });
  const empty = mkdtempSync(join(data, 'work', 'keys-'));
  const lake = await openDuckDbLake({
    ...{ path, tempDirectory: join(data, 'lake', 'temp') },
    ...{ memoryMiB: Math.min(1024, config.lake.memoryMiB), threads: config.lake.threads },
  });
  try {
    await lake.define(vaultTables);
    const folder = config.vault.keyFolder ?? join(data, 'keys');
    let [ring, problem] = [KeyRing.open(empty), null as LostKeys['problem']];
    try {
      if (existsSync(folder)) {
        openGuard(folder, config.vault.pkcs11);
        ring = KeyRing.open(folder);
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem = error.toJSON();
    }
    const files = await countFiles(sealedFolders(config, join(data, 'blobs')));
    const facts = {
      lake,
      ring,
      custody: custodyOf(config, folder),
      files,
      backups: config.backup.folder !== undefined,
    };
    const before = await statement(facts);
    if (!accept) return { ...before, problem };
    const { key, reason, at } = accept;
    if (key === 'token') throw new Problem(neverAccepted);
    const lost = before.missing.find((m) => m.id === key);
    if (!lost || lost.accepted || lost.wrong || problem) throw new Problem(notLost, { key });
    await lake.write('vault', (s) =>
      s.run('INSERT INTO vault.lost VALUES ($name, $at::TIMESTAMP, $reason)', { name: key, at, reason }),
    );
    return { ...(await statement(facts)), problem };
  } finally {
    await lake.close();
    rmSync(empty, { recursive: true, force: true });
    lock.release();
  }
}
