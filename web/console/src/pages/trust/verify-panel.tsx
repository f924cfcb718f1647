/** Verifying by dropping a file and its signature: everything is computed on this device; no account is needed. */
import { DownloadOutlined, FileTextOutlined, PrinterOutlined } from '@ant-design/icons';
import { describeImprint, describeTime, KeylessError } from '@jingwei/keyless';
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { Label } from '../../components/page.tsx';
import { bytes, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Account } from './account.tsx';
import { LocalDrop } from './drop.tsx';
import { saveBytes } from './hashing.ts';
import { SIGNATURE_ENDING } from './pairing.ts';
import { PublicationsFault } from './publications-fault.tsx';
import { useTimeText } from './time.tsx';
import { Judging, Unreadable } from './verdict.tsx';
import { publicationIn, type Row, useVerification } from './verification.ts';

export function VerifyPanel() {
  const { t } = useSpeech();
  const [printed, setPrinted] = useState('');
  const { rows, add, clear } = useVerification(printed);
  const wrong = publicationIn(printed) instanceof KeylessError;
  return (
    <div className="stack">
      <LocalDrop
        title={t('trust.verify.drop')}
        note={t('trust.verify.drop-note')}
        onFiles={(files) => void add(files)}
      />
      <PrintedField text={printed} onText={setPrinted} />
      <PublicationsFault />
      {rows.map((row) => (
        <Result key={row.key} row={row} stuck={wrong} />
      ))}
      {rows.length ? (
        <div className="row no-print">
          <Button onClick={clear}>{t('trust.verify.clear')}</Button>
        </div>
      ) : null}
    </div>
  );
}

/** A publication as printed elsewhere: then it alone decides, and the service need not be believed. */
function PrintedField({ text, onText }: { text: string; onText: (text: string) => void }) {
  const { t, say } = useSpeech();
  const time = useTimeText();
  const id = useId();
  const read = publicationIn(text);
  const wrong = read instanceof KeylessError;
  return (
    <details className="fold no-print">
      <summary>{t('trust.verify.printed')}</summary>
      <div className="stack-s">
        <label htmlFor={id} className="small quiet">
          {t('trust.verify.printed-note')}
        </label>
        <Input.TextArea
          id={id}
          value={text}
          rows={3}
          maxLength={1000}
          spellCheck={false}
          className="mono"
          placeholder="AAAAAA-…"
          {...(wrong ? { status: 'error' as const } : {})}
          onChange={(event) => onText(event.target.value)}
        />
        <p className="small" aria-live="polite">
          {wrong ? (
            <span className="bad-text">{say({ zh: read.zh, en: read.message })}</span>
          ) : read ? (
            <span className="good-text">{t('trust.verify.printed-read', { when: time(describeTime(read.time)) })}</span>
          ) : null}
        </p>
      </div>
    </details>
  );
}

/** `stuck`: the publication that was entered cannot be read, so nothing is decided. */
function Result({ row, stuck }: { row: Row; stuck: boolean }) {
  const { t } = useSpeech();
  const { file, signature } = row.pair;
  const name = file?.name ?? signature?.name ?? '';
  return (
    <article className="panel certificate" aria-label={name}>
      <div className="panel-head">
        <h2 className="clip">
          <FileTextOutlined aria-hidden="true" /> {name}
        </h2>
        <div className="row small quiet">
          {file ? bytes(file.size) : <Label tone="info">{t('trust.verify.only-signature')}</Label>}
          {signature && file ? <span className="clip">{signature.name}</span> : null}
        </div>
      </div>
      <div className="panel-body stack-s">
        <Outcome row={row} name={name} stuck={stuck} />
      </div>
    </article>
  );
}

function Outcome({ row, name, stuck }: { row: Row; name: string; stuck: boolean }) {
  const { t } = useSpeech();
  const { file, signature } = row.pair;
  if (row.error) return <Unreadable error={row.error} />;
  if (!signature) return <p className="note warn">{t('trust.verify.needs-signature')}</p>;
  const { account, judgement, extended } = row;
  if (!account || !judgement) {
    const hashing = file && !row.hash;
    if (stuck && !hashing) return <p className="note warn">{t('trust.verify.stuck')}</p>;
    return (
      <>
        <Judging
          word={
            hashing
              ? t('trust.hashing', { percent: percent(file.size ? row.bytes / file.size : 1, 0) })
              : t('trust.verify.judging')
          }
        />
        {hashing ? (
          <progress className="progress" aria-label={name} value={row.bytes} max={Math.max(1, file.size)} />
        ) : null}
      </>
    );
  }
  return (
    <>
      <Account
        account={account}
        judgement={judgement}
        compared={file ? 'file' : 'none'}
        subject={file && row.hash ? { title: file.name, size: file.size, imprint: describeImprint(row.hash) } : {}}
      />
      <div className="row no-print">
        <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
          {t('trust.print')}
        </Button>
        {extended ? (
          <Button
            icon={<DownloadOutlined />}
            onClick={() =>
              saveBytes(extended, `${file?.name ?? name.slice(0, -SIGNATURE_ENDING.length)}${SIGNATURE_ENDING}`)
            }
          >
            {t('trust.verify.extended')}
          </Button>
        ) : null}
      </div>
    </>
  );
}
