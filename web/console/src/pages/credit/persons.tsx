/** Finding a natural person: by whole name, or by identity number, which is sent in a body and never in the address. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Form, Input, Segmented } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Cell } from './cell.tsx';
import { type PersonItem, statusTone } from './types.ts';

type PersonsAnswer = Answer<'/api/v1/credit/persons'>;

export default function Persons() {
  const { t } = useSpeech();
  const url = useUrlState();
  const name = url.get('name');
  const [by, setBy] = useState<'name' | 'identity'>('name');
  const byName = useQuery({
    queryKey: ['credit', 'persons', name],
    queryFn: ({ signal }) => api.get('/api/v1/credit/persons', { query: { name, limit: 50 }, signal }),
    enabled: name !== '' && by === 'name',
  });
  const byIdentity = useMutation({
    gcTime: 0,
    mutationFn: (identity: string) => api.post('/api/v1/credit/persons', { body: { identity, limit: 50 } }),
  });
  return (
    <Page title={t('titles.persons')} lead={t('credit.persons.lead')}>
      <div className="stack">
        <div className="panel panel-body stack-s">
          <Segmented
            value={by}
            aria-label={t('credit.persons.by')}
            onChange={(value) => setBy(value as 'name' | 'identity')}
            options={[
              { value: 'name', label: t('credit.persons.by-name') },
              { value: 'identity', label: t('credit.persons.by-identity') },
            ]}
            style={{ justifySelf: 'start' }}
          />
          {by === 'name' ? (
            <Form
              key="name"
              layout="inline"
              requiredMark={false}
              initialValues={{ name }}
              onFinish={(values: { name: string }) => url.set({ name: values.name.trim() })}
            >
              <Form.Item
                name="name"
                label={t('credit.persons.name')}
                rules={[{ required: true, whitespace: true, message: t('common.required') }]}
              >
                <Input maxLength={40} allowClear autoComplete="off" style={{ width: 240 }} />
              </Form.Item>
              <Button type="primary" htmlType="submit">
                {t('common.search')}
              </Button>
            </Form>
          ) : (
            <Form
              key="identity"
              layout="inline"
              requiredMark={false}
              onFinish={(values: { identity: string }) => byIdentity.mutate(values.identity.trim())}
            >
              <Form.Item
                name="identity"
                label={t('credit.persons.identity')}
                rules={[{ required: true, min: 6, message: t('credit.persons.identity-short') }]}
              >
                <Input maxLength={40} allowClear autoComplete="off" style={{ width: 240 }} />
              </Form.Item>
              <Button type="primary" htmlType="submit" loading={byIdentity.isPending}>
                {t('common.search')}
              </Button>
            </Form>
          )}
          <PurposeNote />
        </div>
        {by === 'name' ? (
          name ? (
            <Loaded query={byName}>{(data) => <People data={data} />}</Loaded>
          ) : (
            <Start />
          )
        ) : byIdentity.isError ? (
          <Failure error={byIdentity.error} />
        ) : byIdentity.data ? (
          <People data={byIdentity.data} />
        ) : (
          <Start />
        )}
      </div>
    </Page>
  );
}

function Start() {
  const { t } = useSpeech();
  return (
    <div className="panel">
      <Empty title={t('credit.persons.start')}>{t('credit.persons.start-text')}</Empty>
    </div>
  );
}

function People({ data }: { data: PersonsAnswer }) {
  const { t } = useSpeech();
  if (data.persons.length === 0) {
    return (
      <div className="panel">
        <Empty title={t('credit.persons.none')}>{t('credit.persons.none-text')}</Empty>
      </div>
    );
  }
  return (
    <div className="stack">
      <p className="small quiet" role="status">
        {t(data.more ? 'credit.persons.found-more' : 'credit.persons.found', { n: data.persons.length })}
      </p>
      {data.persons.map((person) => (
        <PersonCard key={person.node} person={person} />
      ))}
    </div>
  );
}

export function PersonCard({ person, linked = true }: { person: PersonItem; linked?: boolean }) {
  const { t, say } = useSpeech();
  return (
    <article className="panel panel-body stack-s">
      <div className="row spread">
        <div className="row">
          <h2 className="hit-name">
            {linked ? (
              <Link to="/credit/persons/$person" params={{ person: person.node } as never}>
                <Cell cell={person.name} />
              </Link>
            ) : (
              <Cell cell={person.name} />
            )}
          </h2>
          <span className="mono">
            <Cell cell={person.identity} />
          </span>
          {person.token === null ? (
            <Label title={t('credit.persons.no-identity-text')}>{t('credit.persons.no-identity')}</Label>
          ) : null}
        </div>
        <div className="row small">
          <span>
            {t('credit.persons.shareholdings')} <b>{full(person.shareholdings)}</b>
          </span>
          <span>
            {t('credit.persons.offices')} <b>{full(person.offices)}</b>
          </span>
        </div>
      </div>
      <ul className="person-enterprises">
        {person.enterprises.map((enterprise) => (
          <li key={enterprise.entity}>
            <div className="row">
              <Link to="/credit/enterprises/$entity" params={{ entity: String(enterprise.entity) } as never}>
                {enterprise.name}
              </Link>
              {enterprise.status ? <Label tone={statusTone(enterprise.status)}>{enterprise.status}</Label> : null}
              <span className="mono small quiet">{enterprise.uscc}</span>
            </div>
            <div className="small quiet">
              {enterprise.relations
                .map((relation) =>
                  [say(relation.title), relation.position, relation.share === null ? null : `${relation.share}%`]
                    .filter(Boolean)
                    .join(' '),
                )
                .join(' · ')}
            </div>
          </li>
        ))}
      </ul>
    </article>
  );
}
