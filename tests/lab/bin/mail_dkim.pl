#!/usr/bin/perl
# mail_dkim.pl verify MESSAGE: a line "DOMAIN ALGORITHM RESULT" for each signature, by Mail::DKIM.
# mail_dkim.pl sign MESSAGE KEY SELECTOR DOMAIN METHOD [ALGORITHM]: the message with its signature in front.
use strict;
use warnings;
use Mail::DKIM::PrivateKey;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;

my ($mode, $file, $key, $selector, $domain, $method, $algorithm) = @ARGV;
open my $input, '<:raw', $file or die "$file: $!";
my $message = do { local $/; <$input> };
binmode STDOUT;
if ($mode eq 'verify') {
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT($message);
    $verifier->CLOSE;
    printf "%s %s %s\n", $_->domain, $_->algorithm, $_->result_detail for $verifier->signatures;
    exit;
}
my $signer = Mail::DKIM::Signer->new(
    Algorithm => $algorithm // 'rsa-sha256', Method => $method, Domain => $domain, Selector => $selector,
    Key => Mail::DKIM::PrivateKey->load(File => $key));
$signer->PRINT($message);
$signer->CLOSE;
print $signer->signature->as_string, "\r\n", $message;
