/**
 * `npm start`: from a fresh clone to an open page. Checks Node, builds the console when it is missing or older than its
 * sources, then starts the hub; the first start without a configuration shows the synthetic city. Says what it does.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (zh, en) => process.stdout.write(`${zh} / ${en}\n`);
const fail = (zh, en) => {
  process.stderr.write(`${zh} / ${en}\n`);
  process.exit(1);
};

const wanted = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  fail(
    `需要 Node.js ${wanted.join('.')} 或更新版本，当前为 ${process.versions.node}`,
    `Node.js ${wanted.join('.')} or newer is needed; this is ${process.versions.node}`,
  );
}
if (!existsSync(join(root, 'node_modules', 'tsx'))) {
  fail('缺少依赖，请先运行 npm ci', 'the dependencies are missing: run npm ci first');
}

/** The newest change below a file or folder, in milliseconds; 0 when it is absent. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const console_ = join(root, 'web', 'console');
const built = join(console_, 'dist', 'index.html');
const sources = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts'].map((n) => newest(join(console_, n)));
if (existsSync(join(console_, 'index.html')) && Math.max(...sources) > newest(built)) {
  say('正在生成控制台页面 …', 'building the console …');
  const vite = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (vite.status !== 0) fail('控制台生成失败', 'the console could not be built');
}

const args = process.argv.slice(2);
const data = process.env.JINGWEI_DATA_FOLDER || join(root, 'data');
const configured =
  args.length > 0 ||
  process.env.JINGWEI_DEMO_ENABLED ||
  process.env.JINGWEI_CONFIG ||
  existsSync(join(root, 'jingwei.yaml'));
// Data that was begun as a demonstration stays one: the hub marks its folder.
const demo = !configured && (!existsSync(join(data, 'pg')) || existsSync(join(data, 'demo')));
if (demo) say('没有配置，以演示城市启动', 'no configuration: starting with the demonstration city');
say('正在启动 …', 'starting …');
const hub = spawn(
  process.execPath,
  ['--import', 'tsx', join(root, 'hub', 'src', 'main.ts'), ...args, ...(demo ? ['--demo'] : [])],
  // Every statement of the lake waits on a thread of Node's pool: with its four, bulk work would leave none to look-ups.
  { cwd: root, stdio: 'inherit', env: { UV_THREADPOOL_SIZE: '16', ...process.env } },
);
// The terminal sends its signals to both; a supervisor only to this process.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => hub.kill('SIGTERM'));
process.on('SIGINT', () => undefined);
hub.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
