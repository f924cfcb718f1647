/**
 * Mail by SMTP (RFC 5321). The final dot is sent only after the hub has written that the message is being handed over: what breaks
 * before it certainly did not arrive; what breaks between the dot and the server's answer may have (RFC 1047), is marked so and sent
 * again with the same Message-ID. One connection, kept for a while; nothing of the conversation is logged.
 */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Config } from '../../config/index.ts';
import { sendProblems as p } from '../problems.ts';
import { type Channel, failed, type Outcome, type Outgoing } from './channel.ts';

/** The channel's name. */
export const MAIL = 'mail';

const CONNECT = 10_000;
const ANSWER = 60_000;
/** A connection without work is ended after so long. */
const IDLE = 15_000;

type MailConfig = NonNullable<Config['notices']['mail']>;
type Fault = Error & { code?: string; responseCode?: number; command?: string };

/** What went wrong, by where in the conversation it did. `handed`: the final dot may have been sent. */
export function mailFault(error: Fault, handed: boolean): Outcome {
  const status = error.responseCode ?? 0;
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH' || error.code === 'EOAUTH2')
    return failed(p.auth, { rest: true });
  if (error.code === 'ETLS' || error.code === 'EREQUIRETLS') return failed(p.tls, { rest: true });
  // An answer is an answer: 4yz try again, 5yz never (RFC 5321, 4.2.1).
  if (status >= 500) return failed(p.refused, { params: { status }, final: true });
  if (status >= 400) return failed(p.busy, { params: { status } });
  if (handed) return failed(p.broken, { uncertain: true });
  return failed(error.code === 'ETIMEDOUT' ? p.timeout : p.unreachable, { rest: true });
}

/** The text of a message: Chinese first, English beside it, where it leads, why one has it. */
export function mailText({ content, base, id }: Pick<Outgoing, 'content' | 'base' | 'id'>): string {
  const { items } = content;
  const lines = items
    ? items.flatMap((i, n) => [`${n + 1}. ${i.title.zh}`, `   ${i.title.en}`, `   ${base}${i.link}`, ''])
    : [content.text.zh, '', content.text.en, '', `查看 Open: ${base}${content.link}`, ''];
  const last = [
    '-- ',
    '经纬 Jingwei · 自动发送，请勿回复。接收方式可在“通知设置”中更改。',
    `Sent automatically; what you receive is chosen at ${base}/notices/settings`,
    id,
  ];
  return [...lines, ...last].join('\n');
}

/** The way out by mail. */
export class Mail implements Channel {
  readonly name = MAIL;
  readonly title = { zh: '电子邮件', en: 'E-mail' };
  readonly address = 'mail' as const;
  readonly perMinute: number;
  readonly concurrency = 1;
  readonly #config: MailConfig;
  readonly #login: { user: string; pass: string } | null;
  readonly #ca: { ca?: Buffer };
  #open: SMTPConnection | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** @param login where the server asks for it */
  constructor(config: MailConfig, login: { user: string; pass: string } | null) {
    this.#config = config;
    this.#login = login;
    this.#ca = config.ca ? { ca: readFileSync(config.ca) } : {};
    this.perMinute = config.perMinute;
  }

  async send(message: Outgoing): Promise<Outcome> {
    clearTimeout(this.#idle);
    let handed = false;
    try {
      const raw = await this.#compose(message);
      const connection = await this.#connect();
      const body = async function* () {
        yield raw;
        await message.handing();
        handed = true;
      };
      await new Promise<void>((resolve, reject) => {
        const gone = () => reject(Object.assign(new Error('the connection ended'), { code: 'ECONNECTION' }));
        connection.once('end', gone);
        connection.send({ from: this.#config.from, to: [message.to] }, Readable.from(body()), (error) => {
          connection.off('end', gone);
          if (error) reject(error);
          else resolve();
        });
      });
      this.#idle = setTimeout(() => void this.close(), IDLE).unref();
      return { state: 'sent' };
    } catch (error) {
      this.#drop();
      return mailFault(error as Fault, handed);
    }
  }

  #compose(message: Outgoing): Promise<Buffer> {
    const { content, id, at } = message;
    const mark = content.urgency === 'urgent' ? '【紧急】' : '';
    const composer = new MailComposer({
      from: { name: this.#config.fromName, address: this.#config.from },
      to: message.to,
      subject: `${mark}${content.title.zh} ${content.title.en}`,
      text: mailText(message),
      date: at,
      messageId: id,
      // No answer of a machine to a machine (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Jingwei-Kind': content.kind },
      ...(content.urgency === 'urgent' ? { priority: 'high' as const } : {}),
    });
    return composer.compile().build();
  }

  async #connect(): Promise<SMTPConnection> {
    if (this.#open) return this.#open;
    const { host, port, tls } = this.#config;
    const connection = new SMTPConnection({
      ...{ host, port, secure: tls === 'tls', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
      ...{ connectionTimeout: CONNECT, greetingTimeout: CONNECT, socketTimeout: ANSWER, dnsTimeout: CONNECT },
      ...{ logger: false, tls: this.#ca },
    });
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.connect((error) => {
        if (error) return reject(error);
        if (!this.#login) return resolve();
        const { user, pass } = this.#login;
        connection.login({ user, pass, credentials: { user, pass } }, (e) => (e ? reject(e) : resolve()));
      });
    }).catch((error: unknown) => {
      connection.close();
      throw error;
    });
    // A server that ends an idle connection is no fault; the next message makes a new one.
    connection.on('error', () => this.#forget(connection));
    connection.on('end', () => this.#forget(connection));
    this.#open = connection;
    return connection;
  }

  #forget(connection: SMTPConnection): void {
    if (this.#open === connection) this.#open = undefined;
  }

  #drop(): void {
    this.#open?.close();
    this.#open = undefined;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const open = this.#open;
    this.#open = undefined;
    open?.quit();
    open?.close();
  }
}
