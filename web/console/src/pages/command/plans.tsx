/** 预案: the plans in force, who is missing for them now. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Exercise, Level } from './shared.tsx';
import { StartForm, type Target } from './start.tsx';

export default function Plans() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const [target, setTarget] = useState<Target>();
  const plans = useQuery({
    queryKey: ['command', 'plans'],
    queryFn: ({ signal }) => api.get('/api/v1/command/plans', { signal }),
  });
  return (
    <Page title={t('titles.command-plans')} lead={t('command.plans-lead')}>
      <Loaded query={plans}>
        {({ items, faults }) => (
          <div className="stack">
            {faults.length ? (
              <div className="note bad">
                <p className="strong">{t('command.faults')}</p>
                <ul className="small command-list">
                  {faults.map((f) => (
                    <li key={`${f.code}${f.file}${f.line}`}>
                      {say(f.title)}{' '}
                      <span className="quiet mono">{`${f.file ?? ''}${f.line ? `:${f.line}` : ''}`}</span>
                    </li>
                  ))}
                </ul>
              </div>
            ) : null}
            {items.length ? null : <Empty title={t('command.no-plans')} />}
            <div className="command-cards">
              {items.map((p) => (
                <Panel
                  key={p.id}
                  title={
                    <Link to="/command/plans/$plan" params={{ plan: p.id } as never}>
                      {say(p.title)}
                    </Link>
                  }
                  extra={<Label>{t(`command.category.${p.category}`)}</Label>}
                >
                  <div className="stack-s">
                    <p className="small">{say(p.note)}</p>
                    <p className="row small quiet">
                      {t('command.version-n', { n: p.version })} · {t(`command.origin-${p.origin}`)} ·{' '}
                      {t('command.steps-n', { n: p.steps })} · {say(p.lead.name)}
                    </p>
                    {p.running ? (
                      <p className="row">
                        <Exercise of={p.running.exercise} />
                        <Level level={p.running.level} />
                        <Link to="/command/operations/$operation" params={{ operation: String(p.running.id) } as never}>
                          {t('command.under-way')}
                        </Link>
                      </p>
                    ) : null}
                    {p.unmanned.length ? (
                      <p className="small bad-text">
                        {t('command.unmanned')} {p.unmanned.map((o) => say(o.name)).join('、')}
                      </p>
                    ) : (
                      <p className="small good-text">{t('command.all-manned')}</p>
                    )}
                    {may('command.act') ? (
                      <span>
                        <Button
                          onClick={() =>
                            setTarget({ plan: p.id, title: say(p.title), levels: p.levels.map((l) => l.level) })
                          }
                        >
                          {t('command.start')}
                        </Button>
                      </span>
                    ) : null}
                  </div>
                </Panel>
              ))}
            </div>
            <StartForm target={target} onClose={() => setTarget(undefined)} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
