import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { StrictMode, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem, whenSignedOut } from './api/client.ts';
import { startI18n, useSpeech } from './i18n/index.ts';
import { makeRouter } from './router.tsx';
import { becomes } from './session/session.tsx';
import { writeStylesByPolicy } from './styles/attribute.ts';
import { ThemeProvider, useTheme } from './theme/mode.tsx';
import { antdThemeOf } from './theme/tokens.ts';
import './styles/base.css';
import './styles/frame.css';
import './styles/panels.css';
import './styles/tables.css';
import './styles/values.css';
import './styles/choices.css';
import './styles/messages.css';
import './styles/notices.css';
import './styles/people.css';
import './styles/overview.css';
import './styles/cockpits.css';
import './styles/exchange.css';
import './styles/refinery.css';
import './styles/credit.css';
import './styles/assess.css';
import './styles/linkage.css';
import './styles/maps.css';
import './styles/archives.css';
import './styles/assessment.css';
import './styles/catalogue.css';
import './styles/trust.css';
import './styles/open.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // What the hub refused it will refuse again; only a broken connection or a fault of the server is tried again.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiProblem) || error.body.status >= 502 || error.body.status === 0),
    },
  },
});
const router = makeRouter();
whenSignedOut(() => becomes(client, null));

/** Of this page; the hub writes it into its head. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;

function Themed() {
  const { mode } = useTheme();
  const { language } = useSpeech();
  const theme = useMemo(() => antdThemeOf(mode), [mode]);
  return (
    <ConfigProvider
      theme={theme}
      locale={language === 'zh' ? zhCN : enUS}
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
      {...(nonce ? { csp: { nonce } } : {})}
    >
      <AntApp component={false}>
        <RouterProvider router={router} />
      </AntApp>
    </ConfigProvider>
  );
}

writeStylesByPolicy(nonce);
await startI18n();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <ThemeProvider>
        <Themed />
      </ThemeProvider>
    </QueryClientProvider>
  </StrictMode>,
);
