/** Values as they may be seen: plain, masked (and said to be), or withheld. */
import { CopyOutlined, LockOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useState } from 'react';
import { copyText } from '../format/copy.ts';
import { ago, clockTime, day, instant, isMasked, shortHash } from '../format/index.ts';
import { useSpeech } from '../i18n/index.ts';

/** A text value; a masked one is shown as masked, a blank one as a dash. */
export function Value({
  value,
  masked,
  mono = false,
}: {
  value: string | null | undefined;
  masked?: boolean;
  mono?: boolean;
}) {
  const { t } = useSpeech();
  if (value === null || value === undefined || value === '') return <span className="quiet">—</span>;
  if (masked ?? isMasked(value)) {
    return (
      <span className={mono ? 'masked mono' : 'masked'} title={t('common.masked')}>
        {value}
        <LockOutlined aria-label={t('common.masked')} style={{ fontSize: 11 }} />
      </span>
    );
  }
  return mono ? <span className="mono">{value}</span> : value;
}

/** An instant in Asia/Shanghai; on hover how long ago. */
export function Instant({ at, only }: { at: string | null | undefined; only?: 'day' | 'clock' | 'ago' }) {
  const { language } = useSpeech();
  if (!at) return <span className="quiet">—</span>;
  const text =
    only === 'day'
      ? day(at)
      : only === 'clock'
        ? clockTime(at)
        : only === 'ago'
          ? ago(at, Date.now(), language)
          : instant(at);
  return (
    <time className="num" dateTime={at} title={only ? instant(at) : ago(at, Date.now(), language)}>
      {text}
    </time>
  );
}

/** A hash that can be copied whole. */
export function Hash({ value, whole = false }: { value: string; whole?: boolean }) {
  const { t } = useSpeech();
  const [copied, setCopied] = useState(false);
  return (
    <span className="nowrap-hash">
      <span className="hash" title={value}>
        {whole ? value : shortHash(value)}
      </span>
      <Tooltip title={copied ? t('common.copied') : t('common.copy')}>
        <Button
          type="text"
          size="small"
          aria-label={t('common.copy')}
          icon={<CopyOutlined />}
          onClick={() => {
            void copyText(value).then(setCopied);
          }}
        />
      </Tooltip>
    </span>
  );
}

/** A text with `[from, to)` ranges marked, or with `<mark>`-free highlights given as pieces. */
export function Marked({ text, ranges }: { text: string; ranges: readonly (readonly [number, number])[] }) {
  if (ranges.length === 0) return <>{text}</>;
  const pieces: { text: string; hit: boolean; at: number }[] = [];
  let position = 0;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (from < position) continue;
    if (from > position) pieces.push({ text: text.slice(position, from), hit: false, at: position });
    pieces.push({ text: text.slice(from, to), hit: true, at: from });
    position = to;
  }
  if (position < text.length) pieces.push({ text: text.slice(position), hit: false, at: position });
  return (
    <>
      {pieces.map((piece) =>
        piece.hit ? <mark key={piece.at}>{piece.text}</mark> : <span key={piece.at}>{piece.text}</span>,
      )}
    </>
  );
}
