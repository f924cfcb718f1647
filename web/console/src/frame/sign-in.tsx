/** Signing in: login and password, then the second factor when the account has one; the first password must be changed. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Divider, Form, Input, type InputRef } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import type { Me } from '../api/types.ts';
import { Mark } from '../components/mark.tsx';
import { Failure } from '../components/states.tsx';
import { useSpeech } from '../i18n/index.ts';
import { becomes, meQuery, signInQuery, useSignOut } from '../session/session.tsx';
import { PasswordFields, type PasswordForm, PasswordRules } from './password.tsx';
import { LanguageSwitch, ThemeSwitch } from './tools.tsx';

/** The cloth behind the name: warp and weft, woven. */
function Cloth() {
  return (
    <svg className="cloth" aria-hidden="true">
      <defs>
        <pattern id="weave" width="56" height="56" patternUnits="userSpaceOnUse">
          <path d="M14 0v20M14 36v20M42 8v40" stroke="#4d9a8b" strokeWidth="1.5" fill="none" />
          <path d="M22 28H56M0 28h6M0 0h34M50 0h6" stroke="#b5825c" strokeWidth="1.5" fill="none" opacity="0.75" />
        </pattern>
        <linearGradient id="fade" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0.15" stopColor="#103c36" stopOpacity="0.94" />
          <stop offset="1" stopColor="#103c36" stopOpacity="0.2" />
        </linearGradient>
      </defs>
      <rect width="100%" height="100%" fill="url(#weave)" />
      <rect width="100%" height="100%" fill="url(#fade)" />
    </svg>
  );
}

function Stage({ children }: { children: ReactNode }) {
  const { t } = useSpeech();
  return (
    <div className="sign">
      <div className="sign-cloth">
        <Cloth />
        <div className="row" style={{ gap: 12 }}>
          <Mark size={34} />
          <span style={{ letterSpacing: '0.14em' }}>Jingwei</span>
        </div>
        <div>
          <p className="sign-word" lang="zh-CN">
            经纬
          </p>
          <p className="sign-claim">{t('frame.sign-in.claim')}</p>
        </div>
        <p className="small sign-foot" style={{ color: '#a9cbc3' }}>
          {t('frame.sign-in.foot')}
        </p>
      </div>
      <main className="sign-form">
        <div className="sign-tools row">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
        {children}
      </main>
    </div>
  );
}

interface SignInForm {
  login: string;
  password: string;
  code?: string;
}

/** Whether the hub asks for the second factor. */
function asksForCode(error: unknown): boolean {
  return error instanceof ApiProblem && error.body.code === 'auth.code-needed';
}

export function SignIn() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const options = useQuery(signInQuery);
  const [second, setSecond] = useState<{ login: string; password: string } | null>(null);
  const codeInput = useRef<InputRef>(null);
  const signIn = useMutation({
    mutationFn: (form: SignInForm) =>
      api.post('/api/v1/session', {
        body: { login: form.login.trim(), password: form.password, ...(form.code ? { code: form.code.trim() } : {}) },
      }),
    onSuccess: (me) => {
      becomes(client, me);
    },
    onError: (error, form) => {
      if (asksForCode(error)) setSecond({ login: form.login, password: form.password });
    },
  });
  useEffect(() => {
    document.title = `${t('titles.sign-in')} · ${t('common.product')}`;
  }, [t]);
  useEffect(() => {
    if (second) codeInput.current?.focus();
  }, [second]);

  // The first answer that asks for the code is the normal way, not a fault.
  const silent = asksForCode(signIn.error) && !signIn.variables?.code;
  if (second) {
    return (
      <Stage>
        <div className="sign-box">
          <h1>{t('frame.sign-in.code-title')}</h1>
          <p className="quiet" style={{ marginBlockEnd: 20 }}>
            {t('frame.sign-in.code-lead')}
          </p>
          {signIn.isError && !silent ? <Failure error={signIn.error} /> : null}
          <Form
            layout="vertical"
            requiredMark={false}
            onFinish={(f: { code: string }) => signIn.mutate({ ...second, code: f.code })}
          >
            <Form.Item
              name="code"
              label={t('frame.sign-in.code')}
              rules={[{ required: true, message: t('common.required') }]}
            >
              <Input ref={codeInput} size="large" autoComplete="one-time-code" inputMode="text" maxLength={32} />
            </Form.Item>
            <Button type="primary" htmlType="submit" size="large" block loading={signIn.isPending}>
              {t('frame.sign-in.go')}
            </Button>
            <Button
              type="link"
              block
              onClick={() => {
                setSecond(null);
                signIn.reset();
              }}
            >
              {t('frame.sign-in.other-account')}
            </Button>
          </Form>
        </div>
      </Stage>
    );
  }
  return (
    <Stage>
      <div className="sign-box">
        <h1>{t('titles.sign-in')}</h1>
        <p className="quiet" style={{ marginBlockEnd: 20 }}>
          {options.data?.demo ? t('frame.sign-in.demo') : t('frame.sign-in.lead')}
        </p>
        {signIn.isError && !silent ? (
          <div style={{ marginBlockEnd: 16 }}>
            <Failure error={signIn.error} />
          </div>
        ) : null}
        <Form<SignInForm> layout="vertical" requiredMark={false} onFinish={(form) => signIn.mutate(form)}>
          <Form.Item
            name="login"
            label={t('frame.sign-in.login')}
            rules={[{ required: true, message: t('common.required') }]}
          >
            <Input size="large" autoComplete="username" autoFocus autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('frame.sign-in.password')}
            rules={[{ required: true, message: t('common.required') }]}
          >
            <Input.Password size="large" autoComplete="current-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" size="large" block loading={signIn.isPending}>
            {t('frame.sign-in.go')}
          </Button>
        </Form>
        {options.data?.oidc ? (
          <>
            <Divider plain>{t('frame.sign-in.or')}</Divider>
            <Button size="large" block href={options.data.oidc.start}>
              {options.data.oidc.label}
            </Button>
          </>
        ) : null}
      </div>
    </Stage>
  );
}

/** Nothing else works until a one-time or too old password is changed. */
export function PasswordChange({ me }: { me: Me }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const signOut = useSignOut();
  const change = useMutation({
    mutationFn: (form: PasswordForm) =>
      api.post('/api/v1/me/password', { body: { current: form.current, next: form.next } }),
    onSuccess: () => client.fetchQuery({ ...meQuery, staleTime: 0 }),
  });
  useEffect(() => {
    document.title = `${t('frame.password.first-title')} · ${t('common.product')}`;
  }, [t]);
  return (
    <Stage>
      <div className="sign-box">
        <h1>{t('frame.password.first-title')}</h1>
        <p className="quiet" style={{ marginBlockEnd: 20 }}>
          {t('frame.password.first-lead', { name: me.user.name, login: me.user.login })}
        </p>
        {change.isError ? (
          <div style={{ marginBlockEnd: 16 }}>
            <Failure error={change.error} />
          </div>
        ) : null}
        <Form<PasswordForm> layout="vertical" requiredMark={false} onFinish={(form) => change.mutate(form)}>
          <PasswordFields first />
          <PasswordRules login={me.user.login} />
          <Button type="primary" htmlType="submit" size="large" block loading={change.isPending}>
            {t('frame.password.change')}
          </Button>
          <Button type="link" block onClick={() => void signOut()}>
            {t('frame.sign-out')}
          </Button>
        </Form>
      </div>
    </Stage>
  );
}
