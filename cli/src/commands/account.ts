import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Problem, problemKind } from '@jingwei/hub/light';
import type { Command } from 'commander';
import { HubClient } from '../client.ts';
import { configOf, runningHub } from '../hub.ts';
import { common, outputOf } from './shared.ts';

const noPassword = problemKind(
  'cli.no-password',
  400,
  '没有密码：请输入，或用环境变量 JINGWEI_CLI_PASSWORD 给出',
  'no password: type it or give it by the variable JINGWEI_CLI_PASSWORD',
);

/** Asks on the terminal; the end of the input without an answer is an empty one. With `secret` nothing that is typed is shown. */
async function ask(question: string, secret: boolean): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: secret ? silent : process.stderr, terminal: secret });
  try {
    const ended = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
    return await Promise.race([reader.question(''), ended]);
  } finally {
    reader.close();
    if (secret) process.stderr.write('\n');
  }
}

/** `login` and `logout`: a session at a running hub. */
export function accountCommands(jingwei: Command): void {
  jingwei
    .command('login')
    .description('sign in to a running hub (password from JINGWEI_CLI_PASSWORD or asked for)')
    .argument('<login>')
    .option('--code <digits>', "the authenticator's code")
    .action(async (login: string, local: { code?: string }, command: Command) => {
      const output = outputOf(command);
      const options = common(command);
      const http = configOf(options).http;
      const client = new HubClient(runningHub(options) ?? `http://${http.host}:${http.port}`);
      const password =
        process.env.JINGWEI_CLI_PASSWORD ?? (await ask(output.text({ zh: '密码：', en: 'Password: ' }), true));
      if (password === '') throw new Problem(noPassword);
      const me = await client.signIn(login, password, local.code);
      output.answer({ hub: client.url, login, mustChangePassword: me.mustChangePassword }, () => {
        output.say(output.text({ zh: `已登录 ${client.url}`, en: `signed in to ${client.url}` }));
        if (me.mustChangePassword) {
          output.say(
            output.text({
              zh: '须先在网页上修改一次性密码，其他功能才可使用',
              en: 'change the one-time password on the web page first: nothing else works until then',
            }),
          );
        }
      });
    });

  jingwei
    .command('logout')
    .description('end the session')
    .action(async (_local: unknown, command: Command) => {
      const output = outputOf(command);
      const options = common(command);
      const http = configOf(options).http;
      const client = new HubClient(runningHub(options) ?? `http://${http.host}:${http.port}`);
      await client.signOut();
      output.answer({ hub: client.url }, () =>
        output.say(output.text({ zh: `已退出 ${client.url}`, en: `signed out of ${client.url}` })),
      );
    });
}
