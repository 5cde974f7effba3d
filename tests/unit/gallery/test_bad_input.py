"""Templates that are broken, huge, hostile or something else: a clear error each, and nothing is executed."""

import time
from pathlib import Path

import pytest

from gallery_templates import one_pool, read
from sms_redirect.gallery import lint, template_file
from sms_redirect.gallery.errors import GalleryError, TemplateError, UnresolvedError

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {k: v}\n" + "".join(
    f"{new}: &{new} {{<<: [{','.join([f'*{old}'] * 10)}]}}\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def load(tmp_path, content, name="template.yaml"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return template_file.load(path)


def refusal(tmp_path, content, name="template.yaml"):
    with pytest.raises(TemplateError) as caught:
        load(tmp_path, content, name)
    return str(caught.value)


def test_a_template_of_a_megabyte_is_read_in_seconds(tmp_path):
    text = one_pool("SmsVerificationMessage: 'Big {####}'") + "".join(
        f"  Topic{number}:\n    Type: AWS::SNS::Topic\n    Properties: {{DisplayName: !Sub 'x${{Y}}{number}'}}\n"
        for number in range(10_000)
    )
    text += "#" * (template_file.LARGEST - len(text))
    start = time.perf_counter()

    found = read(text)

    assert found.get("SmsVerificationMessage") == "Big {####}"
    assert time.perf_counter() - start < 20  # about two on a quiet machine


def test_what_is_larger_than_cloudformation_takes_is_not_read(tmp_path):
    assert "larger than 1,048,576 bytes" in refusal(tmp_path, b" " * (template_file.LARGEST + 1))


@pytest.mark.parametrize("bomb", [BOMB, MERGE_BOMB], ids=["lists", "merges"])
def test_aliases_that_multiply_are_refused_before_they_do(tmp_path, bomb):
    start = time.perf_counter()

    assert "do its aliases multiply?" in refusal(tmp_path, bomb + "Resources: {}")
    assert time.perf_counter() - start < 5


def test_an_alias_within_its_own_anchor_is_named(tmp_path):
    assert "the alias of line 2 is within its own anchor" in refusal(tmp_path, "a: 1\nResources: &x {P: *x}")


def test_aliases_are_fine_where_they_do_not_multiply():
    text = "x-text: &text 'Shared {####}'\n" + one_pool(
        "SmsVerificationMessage: *text\nSmsAuthenticationMessage: *text"
    )

    assert read(text).get("SmsAuthenticationMessage") == "Shared {####}"


@pytest.mark.parametrize("opening", ["[", "{a: ", '{"a":', "- ", "!Sub [", "? "])
def test_deep_nesting_is_refused(tmp_path, opening):
    message = refusal(tmp_path, opening * 100_000)

    assert "nested too deeply" in message or "is not valid" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Resources: {}".encode("utf-16"), "encoded in UTF-16"),
        ("Resources: {}".encode("utf-16-le"), "encoded in UTF-16"),
        ("Resources: {}".encode("utf-16-be"), "encoded in UTF-16"),
        ("a: 1\nb: é".encode("latin-1"), "not valid UTF-8: byte 0xe9 in line 2"),
        (b"\x80", "not valid UTF-8"),
        (b"a: \x01", "not valid YAML"),
        (b"", "no Resources"),
        (b"# nothing", "no Resources"),
        (b"%PDF-1.7", "not valid YAML"),
        (b"PK\x03\x04\x14\x00", "not valid YAML"),
        (b"a: 1\n---\nb: 2", "not valid YAML"),
        (b"d: 2026-99-99\nResources: {}", "not valid YAML"),
        (b"? [a]\n: b", "not valid YAML"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not valid"),
    ],
)
def test_other_encodings_and_formats_are_named(tmp_path, content, said):
    assert said in refusal(tmp_path, content)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    assert load(tmp_path, b"\xef\xbb\xbf" + one_pool("UserPoolName: x").encode()).content["Resources"]


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system ['touch executed']", "!!python/name:os.system ''", "!!python/module:os ''"],
)
def test_nothing_is_executed(tmp_path, monkeypatch, tag):
    monkeypatch.chdir(tmp_path)

    assert "not valid YAML" in refusal(tmp_path, f"Resources: {tag}")
    assert not Path("executed").exists()


def test_a_large_template_with_many_errors_is_parsed_once_for_their_places(monkeypatch):
    factors = "".join(f"\n  - Factor{number}" for number in range(50))
    parsed = []
    monkeypatch.setattr(
        template_file, "_root_node", lambda text, of=template_file._root_node: parsed.append(1) or of(text)
    )

    found = lint.problems(read(one_pool(f"EnabledMfas:{factors}")))

    assert [each.place.line for each in found][-1] == 56
    assert len(parsed) == 1


@pytest.mark.parametrize("value", ["!!timestamp x", "!!bool x", "!!int x", "!!float x", "!!binary é", "{? [a] : b}"])
def test_a_value_that_is_not_of_its_tag_is_not_valid_yaml(tmp_path, value):
    assert "not valid YAML" in refusal(tmp_path, f"Resources: {{}}\nMetadata: {value}")


@pytest.mark.parametrize("name", ["1", "2026-01-01", "!!binary aGk=", "true"])
def test_a_name_that_yaml_reads_as_something_else_is_a_name(name):
    pool = read(f"Resources:\n  {name}: {{Type: AWS::Cognito::UserPool}}")

    assert isinstance(pool.name, str)


def test_an_error_of_syntax_has_its_place(tmp_path):
    with pytest.raises(TemplateError) as caught:
        load(tmp_path, "a: 1\nb: [")

    assert caught.value.place.line == 3


@pytest.mark.parametrize(
    ("name", "content", "instead"),
    [
        ("serverless.yml", "service: shop\nprovider: {name: aws}\nresources: {Resources: {}}", "serverless package"),
        ("serverless.ts", "export default {}", "serverless package"),
        ("main.tf", 'resource "aws_cognito_user_pool" "pool" {}', "--user-pool-id ID"),
        ("pool.tf.json", '{"resource": {}}', "--user-pool-id ID"),
        ("plan.json", '{"format_version": "1.2", "terraform_version": "1.9.0"}', "--user-pool-id ID"),
        ("stack.ts", "new cognito.UserPool(this, 'Pool')", "cdk synth"),
        ("app.py", "UserPool(self, 'Pool')", "cdk synth"),
        ("cdk.json", '{"app": "node bin/app.js"}', "cdk synth"),
        ("manifest.json", '{"version": "36.0.0", "artifacts": {}}', "cdk synth"),
        ("Pulumi.yaml", "name: shop\nruntime: yaml\nresources: {}", "--user-pool-id ID"),
        ("samconfig.toml", "version = 0.1", "--parameters-file"),
        ("saved.json", '{"schema": "sms-redirect-gallery/1"}', "--compare"),
    ],
)
def test_sources_that_make_a_template_say_which_file_to_give(tmp_path, name, content, instead):
    assert instead in refusal(tmp_path, content, name)


def test_a_part_of_a_serverless_service_says_which_file_to_give():
    found = read(one_pool("UserPoolName: '${self:custom.stage}-pool'\nMfaConfiguration: ${opt:mfa, 'OFF'}"))

    assert [note for note in found.notes if "cloudformation-template-update-stack.json" in note]
    assert found.name == "Pool"
    assert lint.problems(found) == ()


@pytest.mark.parametrize("text", ["${AWS::Region} {####}", "${Brand} {####}", "${aws} {####}", "$ {self:a} {####}"])
def test_what_is_no_variable_of_a_serverless_service_stays(text):
    assert read(one_pool(f"SmsVerificationMessage: '{text}'")).get("SmsVerificationMessage") == text


def test_a_folder_names_the_templates_in_it(tmp_path):
    (tmp_path / "Shop.template.json").write_text("{}")

    with pytest.raises(TemplateError, match=r"Shop\.template\.json"):
        template_file.load(tmp_path)


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("Conditions:\n  A: !Condition B\n  B: !Condition A", "!If [A, 'x {####}', 'y {####}']"),
        ("Parameters:\n  A: {Type: String, Default: {Ref: B}}\n  B: {Type: String, Default: {Ref: A}}", "!Ref A"),
        ("Mappings:\n  M: {a: {b: {'Fn::FindInMap': [M, a, b]}}}", "!FindInMap [M, a, b]"),
        ("Parameters: {A: [x]}", "!Ref A"),
        ("Parameters: [x]", "x"),
        ("Parameters: {A: {Type: String, Default: [1, 2]}}", "!Join [!Ref A, !Ref A]"),
        ("", "!Sub ['${A}', {A: !Sub ['${B}', {B: !Ref A}]}]"),
        ("", "!Select [-1, [a]]"),
        ("", "{Ref: [1]}"),
        ("", "{Ref: {Ref: {Ref: x}}}"),
        ("", "!If [[1], a, b]"),
        ("Mappings: []", "!FindInMap [A, b, c]"),
        ("", "!GetAtt [[], {}]"),
        ("", "!Join [',', [!Ref 'AWS::NoValue', {a: b}]]"),
    ],
)
def test_circles_and_malformed_functions_are_clear_errors(head, value):
    try:
        found = lint.problems(
            read(one_pool(f"SmsVerificationMessage: {value}\nSmsAuthenticationMessage: !Ref X", head))
        )
    except GalleryError as error:
        assert error.place is not None  # noqa: PT017 - some values leave no gallery, others an error in it
    else:
        assert ("unresolved-text", "SmsAuthenticationMessage") in [(each.code, each.setting) for each in found]


def test_conditions_that_ask_each_other_twice_are_worked_out_once():
    conditions = "".join(f"  C{n}: !And [!Condition C{n + 1}, !Condition C{n + 1}]\n" for n in range(60))
    head = f"Conditions:\n{conditions}  C60: !Equals [a, a]"
    start = time.perf_counter()

    found = read(one_pool("SmsVerificationMessage: !If [C0, 'x {####}', 'y {####}']", head))

    assert found.get("SmsVerificationMessage") == "x {####}"
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "text", ["{{resolve:" * 50_000, "${" * 200_000, "${A" * 100_000], ids=["resolve", "sub", "names"]
)
def test_no_text_makes_the_search_for_references_slow(text):
    start = time.perf_counter()

    read(one_pool(f"UserPoolName: !Sub '{text}'"))

    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|aa)+", "a*a*a*a*a*b", "(.*)*x"])
def test_no_pattern_makes_a_parameter_slow(pattern):
    head = f"Parameters:\n  A: {{Type: String, AllowedPattern: '{pattern}', Default: '{'a' * 250}!'}}"
    start = time.perf_counter()

    read(one_pool("UserPoolName: x", head))

    assert time.perf_counter() - start < 5


def test_loops_that_make_too_many_resources_are_refused():
    inner = "{'X${A}${B}${C}': {Type: 'AWS::SNS::Topic'}}"
    items = "[" + ",".join(map(str, range(30))) + "]"
    loops = f"'Fn::ForEach::L1': [A, {items}, {{'Fn::ForEach::L2': [B, {items}, {inner}]}}]"

    with pytest.raises(TemplateError, match="more than 500 resources"):
        read("Resources: {" + loops + "}")


def test_an_include_is_named_where_it_could_hold_a_text():
    include = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/texts.yaml}}"

    with pytest.raises(UnresolvedError, match=r"AWS::Include s3://bucket/texts\.yaml may add any setting"):
        read(one_pool(f"UserPoolName: x\n{include}"))
    (problem,) = lint.problems(read(one_pool(f"VerificationMessageTemplate: {{{include}}}")))
    assert problem.setting == "VerificationMessageTemplate.SmsMessage"
    assert "Fn::Transform AWS::Include s3://bucket/texts.yaml" in problem.text
    with pytest.raises(TemplateError, match="includes resources from elsewhere"):
        read(f"Resources: {{{include}}}")


def test_an_include_does_not_stop_what_needs_nothing_of_it():
    include = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/rest.yaml}}"

    found = read(one_pool(f"SmsVerificationMessage: 'x {{####}}'\nUserPoolTags: {{{include}}}", "Transform: [Mine]"))

    assert found.get("SmsVerificationMessage") == "x {####}"
    assert "The transform Mine may change the pool" in found.notes[0]
