import {
  Body,
  Button,
  Container,
  Head,
  Heading,
  Html,
  Link,
  Preview,
  Section,
  Text,
} from "@react-email/components";
import type { Block, MailText } from "./content.ts";

const ink = "#1c1c22";
const quiet = "#5d5d68";
const line = "#e3e3e8";
/** The one accent, as on every other screen. */
const accent = "#4338ca";
const text = { color: ink, fontSize: "16px", lineHeight: "26px", margin: "0 0 16px" } as const;

/** The HTML part. Reads well without images and in one column of any width. */
export function MailLayout({ subject, preview, blocks }: MailText) {
  return (
    <Html lang="en">
      <Head>
        <title>{subject}</title>
        <meta name="color-scheme" content="light" />
      </Head>
      <Preview>{preview}</Preview>
      <Body
        style={{
          backgroundColor: "#ffffff",
          fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif",
          margin: 0,
        }}
      >
        <Container style={{ maxWidth: "560px", padding: "32px 24px" }}>
          {blocks.map((block, index) => (
            <Shown key={index} block={block} />
          ))}
        </Container>
      </Body>
    </Html>
  );
}

function Shown({ block }: { block: Block }) {
  switch (block.type) {
    case "title":
      return (
        <Heading as="h1" style={{ color: ink, fontSize: "24px", lineHeight: "32px", margin: "0 0 24px" }}>
          {block.text}
        </Heading>
      );
    case "paragraph":
      return <Text style={text}>{block.text}</Text>;
    case "quote":
      return (
        <Section style={{ borderLeft: `3px solid ${line}`, margin: "0 0 16px", paddingLeft: "16px" }}>
          {block.paragraphs.map((paragraph, index) => (
            <Text key={index} style={{ ...text, margin: "0 0 12px", whiteSpace: "pre-line" }}>
              {paragraph}
            </Text>
          ))}
        </Section>
      );
    case "list":
      return (
        <Section style={{ margin: "0 0 16px" }}>
          <Text style={{ ...text, margin: 0 }}>{block.title}</Text>
          <ul style={{ color: ink, fontSize: "16px", lineHeight: "26px", margin: 0, paddingLeft: "24px" }}>
            {block.items.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        </Section>
      );
    case "button":
      return (
        <Section style={{ margin: "0 0 16px" }}>
          <Button
            href={block.url}
            style={{
              backgroundColor: accent,
              borderRadius: "8px",
              color: "#ffffff",
              display: "inline-block",
              fontSize: "16px",
              fontWeight: 600,
              padding: "13px 24px",
            }}
          >
            {block.label}
          </Button>
          <Text
            style={{
              color: quiet,
              fontSize: "14px",
              lineHeight: "20px",
              margin: "12px 0 0",
              wordBreak: "break-all",
            }}
          >
            {block.url}
          </Text>
        </Section>
      );
    case "code":
      return (
        <Text style={text}>
          {block.label}{" "}
          <strong style={{ fontFamily: "ui-monospace, Consolas, monospace", whiteSpace: "nowrap" }}>
            {block.code}
          </strong>{" "}
          at{" "}
          <Link href={block.url} style={{ color: accent }}>
            {block.url}
          </Link>
        </Text>
      );
    case "small":
      return (
        <Text
          style={{
            borderTop: `1px solid ${line}`,
            color: quiet,
            fontSize: "14px",
            lineHeight: "20px",
            paddingTop: "16px",
          }}
        >
          {block.text}
        </Text>
      );
  }
}
