/** What the check before opening says, so that one learns from it: each finding with its places, why, and what would mend it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { DeskDataset, DeskFinding } from './shared.tsx';

type Plan = DeskDataset['plan'];
type MendOf = DeskFinding['mends'][number];

/** The plan after a mend. */
export function mended(plan: Plan, mend: MendOf): Plan {
  if (mend.kind === 'leave-out-small') return { ...plan, leaveOutSmall: true };
  const without = (list: readonly string[]) => list.filter((i) => i !== mend.item);
  if (mend.kind === 'drop')
    return {
      ...plan,
      items: plan.items.filter((i) => i.item !== mend.item),
      quasi: without(plan.quasi),
      sensitive: without(plan.sensitive),
    };
  return {
    ...plan,
    items: plan.items.map((i) => (i.item === mend.item ? { ...i, as: mend.as as (typeof i)['as'] } : i)),
  };
}

export function CheckResult({ d }: { d: DeskDataset }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ['open-desk'] });
  const check = d.check;
  const run = useMutation({
    mutationFn: () =>
      api.post('/api/v1/open/datasets/{id}/steps', {
        params: { id: d.id },
        body: { action: 'check', version: d.version },
      }),
    onSettled: refresh,
  });
  const mend = useMutation({
    mutationFn: async (m: MendOf) => {
      const saved = await api.put('/api/v1/open/datasets/{id}', {
        params: { id: d.id },
        body: { version: d.version, title: d.title, abstract: d.abstract, plan: mended(d.plan, m) },
      });
      return api.post('/api/v1/open/datasets/{id}/steps', {
        params: { id: d.id },
        body: { action: 'check', version: saved.version },
      });
    },
    onSettled: refresh,
  });
  const order = { never: 0, block: 1, note: 2 };
  const findings = [...(check?.findings ?? [])].sort((a, b) => order[a.gravity] - order[b.gravity]);
  const running = check?.state === 'running';
  return (
    <Panel
      title={t('opendata.check')}
      extra={
        d.steps.includes('check') ? (
          <Button size="small" loading={run.isPending || running} onClick={() => run.mutate()}>
            {t('opendata.step.check')}
          </Button>
        ) : null
      }
    >
      <div className="stack-s" aria-live="polite">
        {run.isError ? <Failure error={run.error} /> : null}
        {mend.isError ? <Failure error={mend.error} /> : null}
        {check === null ? <p className="quiet">{t('opendata.check-none')}</p> : null}
        {running ? <p className="quiet">{t('opendata.check-running')}</p> : null}
        {check?.problem ? (
          <p className="bad-text">
            {say(check.problem.title)} <code className="small">{check.problem.code}</code>
          </p>
        ) : null}
        {check && check.state === 'done' ? (
          <>
            {check.current ? null : <p className="note warn">{t('opendata.check-old')}</p>}
            <p className={d.standing.length ? 'note bad' : 'note'}>
              <span className="strong">
                {d.standing.length ? t('opendata.check-blocked', { n: d.standing.length }) : t('opendata.check-passed')}
              </span>{' '}
              <span className="small quiet">
                {t('opendata.check-facts', {
                  rows: full(check.facts.rows ?? 0),
                  columns: check.facts.columns ?? 0,
                  k: check.facts.k ?? 0,
                })}
                {check.facts.about ? ` · ${t(`opendata.about-kind.${check.facts.about}`)}` : ''}
                {check.ended ? ` · ${instant(check.ended)}` : ''}
              </span>
            </p>
            {findings.map((f) => (
              <One key={f.key} f={f} d={d} busy={mend.isPending} onMend={(m) => mend.mutate(m)} />
            ))}
          </>
        ) : null}
      </div>
    </Panel>
  );
}

const tones = { never: 'bad', block: 'warn', note: 'info' } as const;

function One({ f, d, busy, onMend }: { f: DeskFinding; d: DeskDataset; busy: boolean; onMend: (m: MendOf) => void }) {
  const { t, say } = useSpeech();
  const passed = d.overrules.find((o) => o.finding === f.key);
  const stands = d.standing.includes(f.key);
  return (
    <article className="note stack-s">
      <div className="row" style={{ gap: 8 }}>
        <Label tone={stands ? tones[f.gravity] : f.gravity === 'note' ? 'info' : 'good'}>
          {passed && !stands ? t('opendata.gravity.passed') : t(`opendata.gravity.${f.gravity}`)}
        </Label>
        <code className="small quiet">{f.code}</code>
      </div>
      <p>{say(f)}</p>
      {f.places ? (
        <p className="small quiet">
          {t('opendata.places', { n: full(f.places) })}
          {f.of ? ` / ${full(f.of)}` : ''}
          {f.examples.length ? (
            <>
              {' '}
              · {t('opendata.examples')} <code>{f.examples.join('　')}</code>
            </>
          ) : null}
        </p>
      ) : null}
      <p className="small quiet">
        {t([`opendata.why.${f.code.replace('open.check.', '')}`, `opendata.why-gravity.${f.gravity}`])}
      </p>
      {d.mayEdit && f.mends.length ? (
        <div className="row" style={{ gap: 6, flexWrap: 'wrap' }}>
          <span className="small">{t('opendata.mends')}</span>
          {f.mends.slice(0, 6).map((m) => (
            <Button key={say(m)} size="small" disabled={busy} onClick={() => onMend(m)}>
              {say(m)}
            </Button>
          ))}
        </div>
      ) : null}
      {passed ? (
        <p className="small">
          {t('opendata.overruled', { login: passed.login, n: passed.places })} {passed.ground}
        </p>
      ) : null}
      {d.mayOverrule && f.gravity === 'block' && stands ? <Overrule f={f} d={d} /> : null}
    </article>
  );
}

function Overrule({ f, d }: { f: DeskFinding; d: DeskDataset }) {
  const { t } = useSpeech();
  const id = useId();
  const client = useQueryClient();
  const [ground, setGround] = useState('');
  const pass = useMutation({
    mutationFn: () =>
      api.post('/api/v1/open/datasets/{id}/overrules', {
        params: { id: d.id },
        body: { version: d.version, finding: f.key, ground: ground.trim() },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['open-desk'] }),
  });
  return (
    <details>
      <summary className="small">{t('opendata.overrule')}</summary>
      <div className="stack-s" style={{ marginBlockStart: 8 }}>
        <label htmlFor={id} className="small">
          {t('opendata.overrule-ground')}
        </label>
        <Input.TextArea
          id={id}
          rows={2}
          maxLength={1000}
          value={ground}
          onChange={(event) => setGround(event.target.value)}
        />
        {pass.isError ? <Failure error={pass.error} /> : null}
        <div>
          <Button
            size="small"
            disabled={ground.trim().length < 4}
            loading={pass.isPending}
            onClick={() => pass.mutate()}
          >
            {t('opendata.overrule-do')}
          </Button>
        </div>
      </div>
    </details>
  );
}
