/** What may be queried: views by where they come from, with their columns, protection and a look at some rows. */
import { Button, Input } from 'antd';
import { useMemo, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';

export type View = Answer<'/api/v1/workbench/views'>['views'][number];

const kinds = ['library', 'source', 'room'] as const;
const tones = { public: undefined, internal: 'info', personal: 'warn', sensitive: 'bad' } as const;
/** Views of one kind that are drawn before somebody looks for one. */
const FIRST = 60;

export function Schema({
  views,
  onSample,
  onInsert,
}: {
  views: readonly View[];
  onSample: (view: View) => void;
  onInsert: (text: string) => void;
}) {
  const { t, say } = useSpeech();
  const [q, setQ] = useState('');
  const found = useMemo(() => {
    const word = q.trim().toLowerCase();
    const fits = (v: View) =>
      !word ||
      [v.name, v.title.zh, v.title.en.toLowerCase(), v.from.id, ...v.columns.flatMap((c) => [c.name, c.title.zh])].some(
        (text) => text.toLowerCase().includes(word),
      );
    return views.filter(fits);
  }, [views, q]);
  return (
    <div className="wb-schema">
      <Input
        allowClear
        value={q}
        onChange={(e) => setQ(e.target.value)}
        placeholder={t('workbench.find-view')}
        aria-label={t('workbench.find-view')}
      />
      {found.length === 0 ? <Empty title={t('workbench.no-view')} /> : null}
      {kinds.map((kind) => {
        const own = found.filter((v) => v.from.kind === kind);
        if (!own.length) return null;
        return (
          <section key={kind}>
            <p className="small strong">
              {t(`workbench.from-${kind}`)} <span className="quiet">{own.length}</span>
            </p>
            <ul>
              {own.slice(0, q ? 200 : FIRST).map((v) => (
                <li key={v.name}>
                  <details>
                    <summary>
                      <span>{say(v.title)}</span>
                      {v.lacking ? <Label tone="warn">{t('workbench.closed')}</Label> : null}
                      <code className="small">{v.name}</code>
                    </summary>
                    <ViewDetail view={v} onSample={onSample} onInsert={onInsert} />
                  </details>
                </li>
              ))}
            </ul>
            {!q && own.length > FIRST ? (
              <p className="small quiet">{t('workbench.more-views', { n: own.length - FIRST })}</p>
            ) : null}
          </section>
        );
      })}
    </div>
  );
}

function ViewDetail({
  view: v,
  onSample,
  onInsert,
}: {
  view: View;
  onSample: (view: View) => void;
  onInsert: (text: string) => void;
}) {
  const { t, say } = useSpeech();
  return (
    <div className="wb-view stack-s">
      <p className="small quiet">
        {t(`workbench.of-${v.from.kind}`, { name: say(v.from.title), id: v.from.id })}
        {v.people ? ` · ${t('workbench.people')}` : ''}
      </p>
      {v.lacking ? (
        <p className="note warn small">
          {v.lacking === 'purpose' ? t('workbench.needs-purpose') : t('workbench.needs', { permission: v.lacking })}
        </p>
      ) : (
        <div className="row">
          <Button size="small" onClick={() => onSample(v)}>
            {t('workbench.sample')}
            <span className="visually-hidden">{v.name}</span>
          </Button>
          <Button size="small" onClick={() => onInsert(`v.${v.name}`)}>
            {t('workbench.insert')}
            <span className="visually-hidden">{v.name}</span>
          </Button>
        </div>
      )}
      <ul className="wb-columns">
        {v.columns.map((c) => (
          <li key={c.name}>
            <button type="button" onClick={() => onInsert(c.name)} title={t('workbench.insert')}>
              <code>{c.name}</code>
            </button>
            <span className="small">
              {say(c.title) === c.name.replaceAll('_', ' ') ? '' : say(c.title)}
              {c.unit ? `（${c.unit}）` : ''}
            </span>
            <span className="small quiet mono">{c.type}</span>
            {c.protection === 'personal' || c.protection === 'sensitive' ? (
              <Label tone={tones[c.protection]} title={t(`workbench.shown-${c.shown}`)}>
                {t(`workbench.protection-${c.protection}`)}
                {c.shown === 'plain' ? '' : ` · ${t(`workbench.shown-${c.shown}`)}`}
              </Label>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
