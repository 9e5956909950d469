import { Component, type ReactNode } from 'react';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';

import { ExternalLink } from '@renderer/components/ExternalLink';
import { cardAddress } from './card-address';

interface CardMarkdownProps {
  readonly text: string;
  /** The model's page on the hub, which relative links mean. */
  readonly page: string;
}

/**
 * Markdown from a stranger: elements of ours alone, with no attribute of theirs. Raw HTML is left out,
 * images are their description and never fetched, links lead to https pages outside.
 */
export function CardMarkdown({ text, page }: CardMarkdownProps) {
  return (
    <PlainOnError text={text}>
      <Markdown
        skipHtml
        remarkPlugins={PLUGINS}
        allowedElements={ALLOWED}
        unwrapDisallowed
        urlTransform={(address) => cardAddress(address, page) ?? ''}
        components={ELEMENTS}
      >
        {text}
      </Markdown>
    </PlainOnError>
  );
}

const PLUGINS = [remarkGfm];

/** Headings of a card stand below those of the page. */
const ELEMENTS = {
  h1: ({ children }) => <h3 className="mt-4 text-toolbar font-semibold">{children}</h3>,
  h2: ({ children }) => <h4 className="mt-4 font-semibold">{children}</h4>,
  h3: ({ children }) => <h5 className="mt-3 font-semibold">{children}</h5>,
  h4: ({ children }) => <h6 className="mt-3 font-medium">{children}</h6>,
  h5: ({ children }) => <h6 className="mt-3 font-medium">{children}</h6>,
  h6: ({ children }) => <h6 className="mt-3 font-medium">{children}</h6>,
  p: ({ children }) => <p className="mt-2">{children}</p>,
  a: ({ href, children }) =>
    href ? <ExternalLink href={href}>{children}</ExternalLink> : <span>{children}</span>,
  img: ({ alt }) => <span className="text-text-3">{alt ? `[Image: ${alt}]` : '[Image]'}</span>,
  ul: ({ children }) => <ul className="mt-2 list-disc pl-5">{children}</ul>,
  ol: ({ children }) => <ol className="mt-2 list-decimal pl-5">{children}</ol>,
  li: ({ children }) => <li className="mt-0.5">{children}</li>,
  input: ({ checked }) => <span>{checked ? '☑ ' : '☐ '}</span>,
  strong: ({ children }) => <strong className="font-semibold">{children}</strong>,
  em: ({ children }) => <em>{children}</em>,
  del: ({ children }) => <del>{children}</del>,
  blockquote: ({ children }) => (
    <blockquote className="mt-2 border-l-2 border-sep pl-3 text-text-2">{children}</blockquote>
  ),
  code: ({ children }) => (
    <code className="rounded-tag bg-bg-group px-1 font-mono text-small">{children}</code>
  ),
  pre: ({ children }) => (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="mt-2 overflow-x-auto rounded-segment bg-bg-group p-2 [&_code]:px-0"
    >
      {children}
    </pre>
  ),
  hr: () => <hr className="my-3 border-sep" />,
  br: () => <br />,
  table: ({ children }) => (
    <section
      aria-label="Table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="mt-2 overflow-x-auto"
    >
      <table className="border-collapse text-left text-small">{children}</table>
    </section>
  ),
  thead: ({ children }) => <thead>{children}</thead>,
  tbody: ({ children }) => <tbody>{children}</tbody>,
  tr: ({ children }) => <tr>{children}</tr>,
  th: ({ children }) => (
    <th className="border-b border-sep py-1 pr-3 font-medium whitespace-nowrap">{children}</th>
  ),
  td: ({ children }) => <td className="border-b border-sep py-1 pr-3 align-top">{children}</td>,
  sup: ({ children }) => <sup>{children}</sup>,
} satisfies Components;
const ALLOWED = Object.keys(ELEMENTS);

interface PlainOnErrorProps {
  readonly text: string;
  readonly children: ReactNode;
}

/** What cannot be drawn as markdown, nested too deep for example, is shown as it was written. */
class PlainOnError extends Component<PlainOnErrorProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return <p className="mt-2 whitespace-pre-wrap wrap-anywhere">{this.props.text}</p>;
  }
}
